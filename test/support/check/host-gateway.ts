import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Instant, type Millis, SECOND } from "../../../src/model/time.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { GATEWAY } from "./placed-gateway.ts";

/**
 * A gateway whose token is a file of this machine, on which the simulated kubelet runs its commands. It looks for it outside of every
 * directory that could be somebody's.
 */
export const gatewayOnHost = (directory: string) => ({
  config: { discovery: { kubernetes: { client: { token_file: join(directory, "token") } } } },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: "apisix",
            image: "apache/apisix:3.9.0-debian",
            volumeMounts: [
              { name: "apisix-config", mountPath: "/usr/local/apisix/conf/config.yaml", subPath: "config.yaml" },
              { name: "token", mountPath: directory },
            ],
          },
        ],
        volumes: [
          { name: "apisix-config", configMap: { name: GATEWAY } },
          {
            name: "token",
            projected: { sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3_607 } }] },
          },
        ],
      },
    },
  },
});

/** Puts a token into that file, as the kubelet does a moment after it got it. */
export async function putToken(
  { tokens }: Cluster,
  directory: string,
  {
    namespace,
    serviceAccount = GATEWAY,
    issuedAt,
    lifetime,
  }: {
    readonly namespace: string;
    readonly serviceAccount?: string;
    readonly issuedAt: Instant;
    readonly lifetime: Millis;
  },
): Promise<string> {
  const token = await tokens.forge(
    { namespace, serviceAccount },
    { issuedAt: new Date(issuedAt), expiresAt: new Date(issuedAt + lifetime) },
  );
  const file = join(directory, "token");
  await writeFile(file, token);
  await utimes(file, issuedAt / SECOND + 2, issuedAt / SECOND + 2);
  return token;
}
