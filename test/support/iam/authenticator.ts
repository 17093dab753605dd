import { mkdirSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { freePort } from "../control-plane/boot/ports.ts";
import type { ProgramSpec } from "../control-plane/boot/protocol.ts";
import type { RunDirectory } from "../control-plane/boot/run-directory.ts";
import { accountOf, type Role, roleName } from "./principals.ts";

export interface Authenticator {
  readonly program: ProgramSpec;
  /** Tells kube-apiserver where to ask; written by the authenticator when it has started. */
  readonly kubeconfig: string;
}

export interface AuthenticatorOptions {
  /** Path of the program. */
  readonly command: string;
  /** The name of the cluster, which every token must be made for. */
  readonly cluster: string;
  readonly region: string;
  readonly roles: readonly Role[];
  /** URL of the proxy, and the authority that signed the certificates behind it. */
  readonly proxy: string;
  readonly authority: string;
}

/** The authenticator of EKS, which asks STS whose token it is, and maps roles to groups as access entries do. */
export async function authenticator(directory: RunDirectory, options: AuthenticatorOptions): Promise<Authenticator> {
  const { command, cluster, region, roles, proxy, authority } = options;
  const [config, state, trusted, kubeconfig] = ["iam.yaml", "state", "pki/sts-ca.crt", "kubeconfig/webhook.yaml"].map(
    (name) => directory.join(name),
  ) as [string, string, string, string];
  mkdirSync(state);
  writeFileSync(trusted, authority);
  writeFileSync(config, stringify({ clusterID: cluster, server: { mapRoles: roles.flatMap(mapping) } }));
  const port = await freePort();
  const args = ["server", "--config", config, "--state-dir", state, "--generate-kubeconfig", kubeconfig];
  return {
    kubeconfig,
    program: {
      name: "aws-iam-authenticator",
      command,
      args: [...args, "--port", String(port)],
      log: directory.log("aws-iam-authenticator"),
      env: {
        AWS_REGION: region,
        // It would look for credentials of its own on the network.
        AWS_ACCESS_KEY_ID: "unused",
        AWS_SECRET_ACCESS_KEY: "unused",
        AWS_EC2_METADATA_DISABLED: "true",
        HTTPS_PROXY: proxy,
        HTTP_PROXY: proxy,
        NO_PROXY: "127.0.0.1,localhost",
        SSL_CERT_FILE: trusted,
        SSL_CERT_DIR: "/nonexistent",
      },
    },
  };
}

/** An access entry, with the user name that EKS gives when nobody says another. */
function mapping(role: Role): object[] {
  if (role.groups === undefined) return [];
  const username = `arn:aws:sts::${accountOf(role)}:assumed-role/${roleName(role)}/{{SessionName}}`;
  return [{ roleARN: role.arn, username, groups: role.groups }];
}
