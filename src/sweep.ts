import pLimit from "p-limit";
import { planFleet } from "./decide/fleet-plan.ts";
import { rotated, turnOf } from "./decide/turn.ts";
import { failedResult, inTime, type Target, visitEach } from "./fleet.ts";
import type { ClusterResult } from "./model/decision.ts";
import { GuardError } from "./model/errors.ts";
import type { ClusterSummary, FleetResult } from "./model/fleet.ts";
import type { EvidenceSwitches, GatewayScope } from "./model/observation.ts";
import { type Instant, MINUTE, type Millis } from "./model/time.ts";
import type { Progress, StartRemediate } from "./ports.ts";
import { reconcile } from "./reconcile.ts";
import { summarise } from "./report/summary.ts";

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
  return visitEach(targets, (cluster, target) => look(cluster, target, options), failedResult(options.now));
}

const look = (cluster: Parameters<typeof reconcile>[0], { name, settings }: Target, options: SweepOptions) =>
  reconcile(cluster, { ...options, name, settings, restarter: null });

/** A look at a cluster takes seconds; one that takes this long would hold up the clusters behind it. */
const LONGEST_LOOK: Millis = 2 * MINUTE;

/** Started at once: as many as there are sockets to the service that starts them. */
const MAX_STARTS = 16;

export interface FleetSweepOptions extends Omit<SweepOptions, "at" | "progress"> {
  /** Has another process remediate one cluster. */
  readonly start: StartRemediate;
  /** Told what came of every cluster. Only a summary is kept: a fleet may be thousands. */
  readonly tell: (result: ClusterResult, summary: ClusterSummary) => void;
  /** Clusters that can be remediated at the same time. */
  readonly maxStarts: number;
  /** The guard's own time after which no cluster is visited any more. */
  readonly stopAt: Instant;
}

/** Looks at every cluster, decides for the fleet, and has those remediated in which something is to be done. */
export async function sweepFleet(targets: readonly Target[], options: FleetSweepOptions): Promise<FleetResult> {
  const { now, stopAt, start, maxStarts, tell } = options;
  // Where time is short the last ones are left out: each time others.
  const from = targets.length === 0 ? 0 : turnOf(targets.length, now());
  const inTurn = rotated(targets, from);
  const told = (result: ClusterResult): ClusterSummary => {
    const summary = summarise(result);
    tell(result, summary);
    return summary;
  };
  const failed = failedResult(now);
  const seen = await visitEach(
    inTurn.map((target) => beforeStop(target, options)),
    async (cluster, target) => {
      const longest = Math.min(LONGEST_LOOK, stopAt - now());
      const late = () => outOfTime(`${target.name} did not finish answering in time.`);
      return told(await inTime(look(cluster, target, { ...options, at: null }), longest, late));
    },
    (target, error) => told(failed(target, error)),
  );
  const summaries = rotated(seen, targets.length - from);
  const at = now();
  const plan = planFleet(summaries, at, maxStarts);
  const limit = pLimit(MAX_STARTS);
  const started = await limit.map(plan.starts, async (one) => ({ ...one, answer: await start(one) }));
  return { at, summaries, plan, started };
}

/** The clusters that time is left for count as seen, the others as not known. */
const beforeStop = (target: Target, { now, stopAt }: FleetSweepOptions): Target => ({
  ...target,
  connect: async () => {
    if (now() >= stopAt) throw outOfTime(`The time of this run was over before ${target.name} was looked at.`);
    return target.connect();
  },
});

const outOfTime = (why: string): GuardError => new GuardError("OutOfTime", `${why} The next sweep looks again.`);
