import { failedResult, type Target, visitEach } from "./fleet.ts";
import type { ClusterResult } from "./model/decision.ts";
import type { EvidenceSwitches, GatewayScope } from "./model/observation.ts";
import type { Instant } from "./model/time.ts";
import type { Progress } from "./ports.ts";
import { reconcile } from "./reconcile.ts";

export interface SweepOptions {
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  /** The moment to decide for; null: the moment of each observation. */
  readonly at: Instant | null;
  /** The guard's own time, for clusters that never told theirs. */
  readonly now: () => Instant;
  readonly progress?: Progress | undefined;
}

/** Looks at every cluster. A cluster that fails is a result like any other. */
export function sweep(targets: readonly Target[], options: SweepOptions): Promise<ClusterResult[]> {
  return visitEach(
    targets,
    (cluster, { name, settings }) => reconcile(cluster, { ...options, name, settings, restarter: null }),
    failedResult(options.now),
  );
}
