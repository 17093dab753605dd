import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConnectOptions } from "../kubernetes/connect.ts";
import { tokenFromFile } from "./sign-in.ts";

/** Where the kubelet puts a Pod's own ServiceAccount. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export const IN_CLUSTER = "in-cluster";

/** The sign-in of the Pod this runs in, or null outside of one. */
export function inCluster(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT,
): ConnectOptions | null {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  const token = join(directory, "token");
  if (!host || !port || !existsSync(token)) return null;
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca: readFileSync(join(directory, "ca.crt")),
    authenticate: tokenFromFile(token),
  };
}
