import pLimit from "p-limit";
import type { ClusterResult } from "./model/decision.ts";
import { GuardError } from "./model/errors.ts";
import type { EvidenceSwitches, GatewayScope } from "./model/observation.ts";
import type { DecisionSettings } from "./model/policy.ts";
import type { Instant } from "./model/time.ts";
import type { Cluster, Progress } from "./ports.ts";
import { reconcile } from "./reconcile.ts";

/** Clusters looked at at once: an unreachable one waits for its time-out without holding up the others. */
const MAX_CLUSTERS = 8;

/** One cluster to look at. */
export interface SweepTarget {
  readonly name: string;
  /** Signs in; rejects with a GuardError when that is not possible. */
  readonly connect: () => Promise<Cluster & { close(): void }>;
  readonly settings: DecisionSettings;
}

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
export async function sweep(targets: readonly SweepTarget[], options: SweepOptions): Promise<ClusterResult[]> {
  const limit = pLimit(MAX_CLUSTERS);
  return Promise.all(targets.map((target) => limit(() => sweepOne(target, options))));
}

async function sweepOne({ name, connect, settings }: SweepTarget, options: SweepOptions): Promise<ClusterResult> {
  try {
    const cluster = await connect();
    try {
      return await reconcile(cluster, { ...options, name, settings, restarter: null });
    } finally {
      cluster.close();
    }
  } catch (error) {
    return { cluster: name, at: options.now(), plan: null, outcomes: [], nextLookAt: null, error: describe(error) };
  }
}

/** Only our own errors are known to hold no secret; of any other, not even the message is passed on. */
function describe(error: unknown): NonNullable<ClusterResult["error"]> {
  if (error instanceof GuardError) return { code: error.code, message: error.message };
  const kind = error instanceof Error ? error.name : typeof error;
  return { code: "Internal", message: `An unexpected ${kind} stopped the work on this cluster. Please report it.` };
}
