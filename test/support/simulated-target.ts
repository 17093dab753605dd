import type { Target } from "../../src/fleet.ts";
import type { DecisionSettings } from "../../src/model/policy.ts";
import type { Sleep } from "../../src/ports.ts";
import type { SimulatedCluster } from "../../src/simulate/cluster.ts";
import { settings } from "./gateways.ts";

/** A simulated cluster as the command line would visit it. */
export const targetOf = (
  cluster: SimulatedCluster,
  { name = "prod", settings: own = settings() }: { name?: string; settings?: DecisionSettings } = {},
): Target => ({ name, connect: async () => ({ ...cluster, close: () => undefined }), settings: own });

/** What a visit needs beside the cluster, in its virtual time. */
export const visitOptions = ({ clock }: SimulatedCluster) => ({
  scope: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
  evidence: { logs: true, config: true },
  now: () => clock.now(),
  sleep: (async (length) => clock.advance(length)) as Sleep,
});
