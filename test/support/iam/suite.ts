import { afterAll, beforeAll, describe, inject } from "vitest";
import type { Binaries } from "../control-plane/build/binaries.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { type Iam, startIam } from "./iam.ts";
import type { Role } from "./principals.ts";

/** What `test/lambda/global-setup.ts` hands to the workers. */
export type SignInPrograms =
  | { readonly ok: true; readonly binaries: Binaries }
  | { readonly ok: false; readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    signInPrograms: SignInPrograms;
  }
}

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";
export const CLUSTER_NAME = "prod";

const roleArn = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`;

/** Of remediate and refresh. */
export const GUARD_ROLE: Role = { arn: roleArn("apisix-token-guard"), groups: ["apisix-token-guard"] };

/** Of the sweep, which only looks. */
export const SWEEP_ROLE: Role = { arn: roleArn("apisix-token-guard-sweep"), groups: ["apisix-token-guard-read"] };

/** Which the cluster does not know; the guard may assume it. */
export const UNMAPPED_ROLE: Role = { arn: roleArn("somebody-else"), trusts: [GUARD_ROLE.arn, SWEEP_ROLE.arn] };

/** Of another account, for the guard to assume. */
export const CROSS_ACCOUNT_ROLE: Role = {
  arn: roleArn("apisix-token-guard-access", "210987654321"),
  groups: ["apisix-token-guard"],
  trusts: [GUARD_ROLE.arn],
};

/** Of that account, for the sweep to assume. */
export const CROSS_ACCOUNT_READ_ROLE: Role = {
  arn: roleArn("apisix-token-guard-access-read", "210987654321"),
  groups: ["apisix-token-guard-read"],
  trusts: [SWEEP_ROLE.arn],
};

/** Of another account as well, and it does not trust the guard. */
export const CLOSED_ROLE: Role = { arn: roleArn("closed", "210987654321"), groups: ["apisix-token-guard"] };

const ROLES = [GUARD_ROLE, SWEEP_ROLE, UNMAPPED_ROLE, CROSS_ACCOUNT_ROLE, CROSS_ACCOUNT_READ_ROLE, CLOSED_ROLE];

/** Usable inside tests and hooks only. */
export interface SignInBed {
  readonly iam: Iam;
  readonly cluster: ControlPlane;
}

/** `describe` for tests that sign in to a real control plane through IAM. Without Go the suite is skipped, and its name says why. */
export function describeSignIn(name: string, body: (bed: () => SignInBed) => void): void {
  const programs = inject("signInPrograms");
  if (!programs.ok) {
    describe.skip(`${name} [skipped: ${programs.reason}]`, () => body(() => ({}) as SignInBed));
    return;
  }
  const { binaries } = programs;
  describe(name, () => {
    let iam: Iam | undefined;
    let cluster: ControlPlane | undefined;
    beforeAll(async () => {
      iam = await startIam({ binaries, cluster: CLUSTER_NAME, region: REGION, roles: ROLES });
      cluster = await startControlPlane({ binaries, scheduler: true, apiserverArgs: iam.apiserverArgs });
    });
    afterAll(async () => {
      await cluster?.stop();
      await iam?.stop();
    });
    body(() => {
      if (iam === undefined || cluster === undefined) throw new Error("not started yet");
      return { iam, cluster };
    });
  });
}
