import { generateKeyPair } from "node:crypto";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { type CertifiedKey, createAuthority, type Subject } from "./certificates.ts";
import type { RunDirectory } from "./run-directory.ts";

/** Users for tests, by static token. Groups are what RBAC of the project and of a cluster's operators binds. */
export const TEST_USERS = {
  keeper: { token: "keeper-token", groups: ["apisix-token-guard"] },
  looker: { token: "looker-token", groups: ["apisix-token-guard-read"] },
  editor: { token: "editor-token", groups: ["editors"] },
  nobody: { token: "nobody-token", groups: [] },
} as const;
export type TestUser = keyof typeof TEST_USERS;

/** The programs, and the test itself, sign in by certificate. kwok needs wide rights and is no system account. */
const CERTIFICATE_USERS: Readonly<Record<string, Subject>> = {
  admin: { commonName: "admin", organization: "system:masters" },
  kwok: { commonName: "kwok", organization: "system:masters" },
  "kube-controller-manager": { commonName: "system:kube-controller-manager" },
  "kube-scheduler": { commonName: "system:kube-scheduler" },
};

const API_SERVER_HOSTS = ["127.0.0.1", "10.0.0.1", "localhost", "kubernetes.default.svc"];

/** Writes every certificate, key, token list and kubeconfig of one control plane. */
export async function writeCredentials(directory: RunDirectory, apiServerPort: number): Promise<void> {
  const serviceAccountKey = writeServiceAccountKey(directory);
  const authority = createAuthority("test-authority");
  const server = `https://127.0.0.1:${apiServerPort}`;
  const write = (name: string, text: string) => writeFileSync(directory.pki(name), text, { mode: 0o600 });

  write("ca.crt", authority.certificate);
  writeKeyPair(directory, "kube-apiserver", authority.issue({ commonName: "kube-apiserver" }, API_SERVER_HOSTS));
  write("tokens.csv", tokenList());
  for (const [user, subject] of Object.entries(CERTIFICATE_USERS)) {
    const pair = authority.issue(subject);
    writeKeyPair(directory, user, pair);
    const login = { "client-certificate-data": base64(pair.certificate), "client-key-data": base64(pair.key) };
    writeKubeconfig(directory, user, server, authority.certificate, login);
  }
  for (const [user, { token }] of Object.entries(TEST_USERS)) {
    writeKubeconfig(directory, user, server, authority.certificate, { token });
  }
  await serviceAccountKey;
}

/** RSA, because that is what signs ServiceAccount tokens on EKS and in every kubeadm cluster. */
async function writeServiceAccountKey(directory: RunDirectory): Promise<void> {
  const pair = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(directory.pki("service-accounts.key"), pair.privateKey, { mode: 0o600 });
  writeFileSync(directory.pki("service-accounts.pub"), pair.publicKey);
}

function writeKeyPair(directory: RunDirectory, name: string, { certificate, key }: CertifiedKey): void {
  writeFileSync(directory.pki(`${name}.crt`), certificate);
  writeFileSync(directory.pki(`${name}.key`), key, { mode: 0o600 });
}

/** `--token-auth-file`: token, user name, uid, quoted list of groups. */
function tokenList(): string {
  const line = ([name, { token, groups }]: [string, { token: string; groups: readonly string[] }]) =>
    `${token},${name},uid-${name},"${groups.join(",")}"\n`;
  return Object.entries(TEST_USERS).map(line).join("");
}

/** Everything inline, so that one file can be handed to any client. */
function writeKubeconfig(directory: RunDirectory, user: string, server: string, authority: string, login: object) {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": base64(authority) } }],
    users: [{ name: user, user: login }],
    contexts: [{ name: "test", context: { cluster: "test", user } }],
    "current-context": "test",
  };
  writeFileSync(directory.kubeconfig(user), stringify(config), { mode: 0o600 });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
