import type { ClusterResult } from "./model/decision.ts";
import type { Instant } from "./model/time.ts";
import { gatewayId } from "./model/workload.ts";
import type { Cluster, Restarter, Sleep } from "./ports.ts";
import { type ReconcileOptions, reconcile } from "./reconcile.ts";

export interface RemediateOptions extends Omit<ReconcileOptions, "restarter" | "at"> {
  readonly restarter: Restarter;
  readonly sleep: Sleep;
  /** The API server's time after which no new look is begun; null: go on until settled. The next run goes on from there. */
  readonly stopAt: Instant | null;
  /** Told after every look, so that a person sees how a rollout comes along. */
  readonly onLook?: ((result: ClusterResult) => void | Promise<void>) | undefined;
}

/**
 * Heals one cluster: looks, acts, waits, looks again, until nothing of the guard's is in flight and nothing is left to do. May be
 * stopped at any moment; whoever runs next finds everything on the workloads.
 *
 * @returns the last look, with the outcomes of all
 * @throws GuardError when the cluster cannot be asked
 */
export async function remediate(cluster: Cluster, options: RemediateOptions): Promise<ClusterResult> {
  const outcomes = new Map<string, ClusterResult["outcomes"][number]>();
  for (;;) {
    const look = await reconcile(cluster, { ...options, at: null });
    for (const one of look.outcomes) outcomes.set(gatewayId(one.gateway), one);
    const result = { ...look, outcomes: [...outcomes.values()] };
    await options.onLook?.(result);
    const next = look.nextLookAt;
    if (next === null || (options.stopAt !== null && next > options.stopAt)) return result;
    await options.sleep(Math.max(0, next - look.at));
  }
}
