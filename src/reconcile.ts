import { planCluster } from "./decide/plan.ts";
import type { ClusterResult, Plan } from "./model/decision.ts";
import type { ClusterObservation, EvidenceSwitches, GatewayScope } from "./model/observation.ts";
import type { DecisionSettings } from "./model/policy.ts";
import type { Instant } from "./model/time.ts";
import { observeAccess } from "./observe/access.ts";
import { observeCluster } from "./observe/cluster.ts";
import type { Cluster, Progress } from "./ports.ts";

export interface ReconcileOptions {
  readonly name: string;
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly settings: DecisionSettings;
  /** The moment to decide for; null: the moment of the observation. */
  readonly at: Instant | null;
  readonly progress?: Progress | undefined;
}

/**
 * Looks at one cluster once: observe, decide, look closer at what is about to be restarted, decide again.
 *
 * @throws GuardError when the cluster cannot be asked at all
 */
export async function reconcile(cluster: Cluster, options: ReconcileOptions): Promise<ClusterResult> {
  const { settings, at } = options;
  const seen = await observeCluster(cluster, options);
  const first = planCluster(seen, settings, at ?? seen.at);
  const closer = await observeAccess(cluster, seen, first);
  const plan = planCluster(closer, settings, at ?? seen.at);
  return { cluster: options.name, at: plan.at, plan, error: errorOf(closer, plan, options.scope) };
}

/** A list that failed outweighs an empty one: gateways may exist that nobody saw. */
function errorOf({ unreadKinds }: ClusterObservation, plan: Plan, scope: GatewayScope): ClusterResult["error"] {
  if (unreadKinds.length > 0) {
    const [first] = unreadKinds;
    const more = unreadKinds.length > 1 ? ` (and ${unreadKinds.length - 1} more)` : "";
    return { code: "ClusterUnreadable", message: `Gateways may exist that were not seen: ${first?.message}${more}` };
  }
  if (plan.decisions.length > 0) return null;
  const where = scope.namespaces.length === 0 ? "any namespace" : `namespace ${scope.namespaces.join(", ")}`;
  return {
    code: "NoGatewayFound",
    message: `No Deployment, DaemonSet or StatefulSet in ${where} matches ${scope.selector}. Set gateways.selector to your gateways' label.`,
  };
}
