/** Parts of gateways that several rows have in common. */
import { formatLastRestart } from "../../../src/evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../../src/model/annotations.ts";
import { DEFAULT_TOKEN_FILE } from "../../../src/model/discovery.ts";
import type { LastRestart } from "../../../src/model/last-restart.ts";
import { isoSeconds, type Millis } from "../../../src/model/time.ts";
import { CONFIG_PATH } from "../control-plane/manifests.ts";
import { GATEWAY } from "./placed-gateway.ts";

/** Stands where a token stands in real configurations; must not be seen anywhere else. */
export const CANARY = "canary-of-a-static-token";

export const DISCOVERY_OFF = "apisix:\n  node_listen: 9080\n";

export const STATIC_TOKEN = { discovery: { kubernetes: { client: { token: CANARY } } } };

export const TWO_CLUSTERS = {
  discovery: {
    kubernetes: [
      { id: "here", client: { token_file: DEFAULT_TOKEN_FILE } },
      { id: "there", client: { token: CANARY } },
    ],
  },
};

export const DIGEST_ONLY = `apache/apisix@sha256:${"0123456789abcdef".repeat(4)}`;

/** A spec whose pods bring the volume with their token themselves, instead of the one that Kubernetes adds. */
export const ownTokenVolume = (expirationSeconds: number) => ({
  template: {
    spec: {
      automountServiceAccountToken: false,
      containers: [
        {
          name: "apisix",
          image: "apache/apisix:3.9.0-debian",
          volumeMounts: [
            { name: "apisix-config", mountPath: CONFIG_PATH, subPath: "config.yaml" },
            { name: "token", mountPath: DEFAULT_TOKEN_FILE.replace(/\/token$/, ""), readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: "apisix-config", configMap: { name: GATEWAY } },
        { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token", expirationSeconds } }] } },
      ],
    },
  },
});

/** What the guard leaves on a workload that it restarted. */
export function restartedByGuard(ago: Millis, over: Partial<Extract<LastRestart, { state: "known" }>> = {}) {
  const at = Date.now() - ago;
  const note = { at, reason: "RestartIntervalReached", result: null, lifetime: null, ...over };
  return {
    annotations: { [LAST_RESTART_ANNOTATION]: formatLastRestart(note) },
    spec: { template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: isoSeconds(at) } } } },
  };
}
