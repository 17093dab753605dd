import type { GatewayRef, WorkloadKind } from "../../../src/model/workload.ts";
import { GATEWAY } from "../check/placed-gateway.ts";
import { arrange, type Scenario } from "../check/scenario.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import type { History } from "./history.ts";
import { startHistory } from "./history.ts";
import { type Extras, enforcePolicy, grantPermissions, uninstall } from "./install.ts";
import { type Fate, newPodsOf } from "./new-pods.ts";

/** A cluster with the guard's published permissions and policy, in which gateways are placed and watched. */
export interface GuardedPlace {
  readonly history: History;
  /** A gateway in a namespace of its own, and what becomes of the pods that replace its first ones. */
  place(scenario: Scenario, fate?: Fate): Promise<GatewayRef>;
  leave(): Promise<void>;
}

export async function guardCluster(cluster: Cluster, extras: Extras = {}): Promise<GuardedPlace> {
  const probed = await cluster.namespace("heal");
  await grantPermissions(cluster, [probed], extras);
  await enforcePolicy(cluster, probed, extras);
  const history = await startHistory(cluster);
  const destine = newPodsOf(cluster, history);
  return {
    history,
    place: async (scenario, fate = "accepted") => {
      const namespace = await cluster.namespace("heal");
      await Promise.all([grantPermissions(cluster, [namespace], extras), arrange(cluster, namespace, scenario)]);
      await destine(namespace, fate);
      const kind: WorkloadKind = scenario.kind ?? "Deployment";
      return { namespace, kind, name: GATEWAY };
    },
    leave: async () => {
      history.end();
      await uninstall(cluster);
    },
  };
}
