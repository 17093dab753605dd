import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createAuthority } from "../control-plane/boot/certificates.ts";
import { RunDirectory } from "../control-plane/boot/run-directory.ts";
import { Supervisor } from "../control-plane/boot/supervisor.ts";
import type { Binaries } from "../control-plane/build/binaries.ts";
import { waitFor } from "../control-plane/cluster/wait.ts";
import { serve } from "../stub-server.ts";
import { authenticator } from "./authenticator.ts";
import { createSessions, type Role, type Sessions } from "./principals.ts";
import { createSts, type Sts } from "./sts.ts";
import { startStsProxy } from "./sts-proxy.ts";

export interface IamOptions {
  readonly binaries: Binaries;
  /** What the cluster is called in EKS: a token for another name is refused. */
  readonly cluster: string;
  readonly region: string;
  readonly roles: readonly Role[];
}

/** An account of AWS with STS, and the authenticator of one cluster, which asks that STS. */
export interface Iam extends Pick<Sessions, "open"> {
  /** What STS answers, to the authenticator as well as to functions. */
  readonly sts: Omit<Sts, "listener">;
  /** For `AWS_ENDPOINT_URL_STS`. */
  readonly stsUrl: string;
  /** For the control plane whose tokens the authenticator is to check. */
  readonly apiserverArgs: readonly string[];
  stop(): Promise<void>;
}

/**
 * Signing in as on EKS, with the authenticator that EKS runs and a stand-in for STS.
 *
 * Roles are mapped by the authenticator's own configuration. What EKS has of its own is not here: access entries that stand for a
 * role's unique id and take seconds to become known, the ConfigMap `aws-auth`, and access policies.
 */
export async function startIam({ binaries, cluster, region, roles }: IamOptions): Promise<Iam> {
  const sessions = createSessions(roles);
  const sts = createSts(sessions);
  const authority = createAuthority("sts-authority");
  const directory = RunDirectory.create();
  const [supervisor, proxy, server] = await Promise.all([
    Supervisor.start(directory),
    startStsProxy(authority, sts.listener),
    serve(createServer(sts.listener), (port) => `http://127.0.0.1:${port}`),
  ]);
  const stop = async () => {
    await Promise.all([supervisor.stop(), proxy.close(), server.close()]);
  };
  try {
    const { program, kubeconfig } = await authenticator(directory, {
      command: binaries.paths["aws-iam-authenticator"],
      cluster,
      region,
      roles,
      proxy: proxy.url,
      authority: authority.certificate,
    });
    await supervisor.run(program);
    const failure = await waitFor("the authenticator to start", async () =>
      existsSync(kubeconfig) ? "none" : supervisor.failure(),
    );
    if (failure !== "none") throw new Error(failure);
    supervisor.keepParentAlive(false);
    return {
      open: sessions.open,
      sts,
      stsUrl: server.url,
      apiserverArgs: [
        `--authentication-token-webhook-config-file=${kubeconfig}`,
        // What was accepted is accepted for a while without asking again, by default for two minutes.
        "--authentication-token-webhook-cache-ttl=1s",
      ],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
