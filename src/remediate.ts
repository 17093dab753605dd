import { isReload } from "./decide/last-reload.ts";
import type { ClusterResult } from "./model/decision.ts";
import { type Instant, MINUTE, type Millis } from "./model/time.ts";
import { type GatewayRef, gatewayId } from "./model/workload.ts";
import { workloadOf } from "./observe/workload.ts";
import type { Cluster, Restarter, Sleep } from "./ports.ts";
import { CHANGE_PAUSE, type ReconcileOptions, reconcile } from "./reconcile.ts";
import { hasEnded } from "./rollout/state.ts";

/**
 * What comes of one gateway again and again does not change: its result is not stored, somebody writes to it all the time, or its
 * restart is refused. Then it is left to the next run.
 */
const MAX_REPEATS = 5;

/** A rollout that moves on is left alone for so long before everything is looked at again. */
const LONGEST_FOLLOW: Millis = 5 * MINUTE;

export interface RemediateOptions extends Omit<ReconcileOptions, "restarter" | "at" | "hasTime"> {
  readonly restarter: Restarter;
  readonly sleep: Sleep;
  /** The guard's own time. */
  readonly now: () => Instant;
  /** Of the same clock: after this moment no new look is begun. null: go on until settled. The next run goes on from there. */
  readonly stopAt: Instant | null;
  /** Told after every look, so that a person sees how a rollout comes along. */
  readonly onLook?: ((result: ClusterResult) => void | Promise<void>) | undefined;
}

/**
 * Heals one cluster: looks, acts, waits, looks again, until nothing of the guard's is in flight and nothing is left to do. May be
 * stopped at any moment; whoever runs next finds everything on the workloads.
 *
 * @returns the last look, with the outcomes and warnings of all
 * @throws GuardError when the cluster cannot be asked
 */
export async function remediate(cluster: Cluster, options: RemediateOptions): Promise<ClusterResult> {
  const outcomes = new Map<string, Came>();
  const warnings = new Set<string>();
  const came = new Map<string, number>();
  const { now, sleep, stopAt } = options;
  const hasTime = () => stopAt === null || now() < stopAt;
  let followed = false;
  for (;;) {
    const began = now();
    const look = await reconcile(cluster, { ...options, hasTime, at: null });
    forgetOld(outcomes, look);
    for (const one of look.outcomes) outcomes.set(gatewayId(one.gateway), one);
    for (const one of look.warnings) warnings.add(one);
    const result = { ...look, outcomes: [...outcomes.values()], warnings: [...warnings] };
    await options.onLook?.(result);
    const next = look.nextLookAt;
    if (next === null) return result;
    const pause = pauseFor(next - look.at, now() - began);
    if (stopAt !== null && now() + pause > stopAt) return result;
    const repeats = Math.max(...look.outcomes.map((one) => countOf(came, one)));
    const rolling = rollingGateway(look);
    // One that is refused its restart again and again does not end the work on the others.
    if (rolling === null && repeats >= MAX_REPEATS) return result;
    // Every second time the clock decides, so that a workload whose numbers run ahead of its pods is not looked at without a pause.
    followed = !followed && rolling !== null && (await follow(cluster, rolling, look, options));
    if (!followed) await sleep(pause);
    if (!hasTime()) return result;
  }
}

/** What is left to wait of a time that counts from the beginning of the look. A look that took longer is no reason to hurry. */
const pauseFor = (wait: Millis, spent: Millis): Millis => (wait <= 0 ? 0 : Math.max(CHANGE_PAUSE, wait - spent));

type Came = ClusterResult["outcomes"][number];

/** A conflict is over as soon as the gateway was looked at again, and everything else when it was restarted anew. */
function forgetOld(outcomes: Map<string, Came>, { plan }: ClusterResult): void {
  for (const [id, { outcome }] of outcomes) if (outcome.result === "conflict") outcomes.delete(id);
  for (const ref of plan?.restarts ?? []) outcomes.delete(gatewayId(ref));
}

/** How often this has come of this gateway, with this time. */
function countOf(came: Map<string, number>, { gateway, outcome: { result, restartedAt } }: Came): number {
  const key = `${gatewayId(gateway)} ${result} ${restartedAt}`;
  const count = (came.get(key) ?? 0) + 1;
  came.set(key, count);
  return count;
}

/**
 * The gateway whose rollout is to be waited for: one of ours that was under way, or has just been ordered. Of a reload nothing shows in
 * the workload.
 */
function rollingGateway({ plan, outcomes }: ClusterResult): GatewayRef | null {
  const rolling = plan?.decisions.find(({ restart }) => restart.state === "rolling");
  if (rolling !== undefined) return isReload(rolling.lastRestart) ? null : rolling.gateway;
  const reloads = new Set(
    plan?.decisions.filter(({ action }) => action === "reload").map((one) => gatewayId(one.gateway)),
  );
  const notStarted = (ref: GatewayRef) =>
    outcomes.some(({ gateway, outcome }) => gatewayId(gateway) === gatewayId(ref) && outcome.restartedAt === null);
  return plan?.restarts.find((ref) => !notStarted(ref) && !reloads.has(gatewayId(ref))) ?? null;
}

/** Waits for the end of a rollout with one request, instead of looking at everything again and again. */
async function follow(
  { workloads }: Cluster,
  ref: GatewayRef,
  { at }: ClusterResult,
  { now, stopAt }: RemediateOptions,
): Promise<boolean> {
  const isOver: Parameters<typeof workloads.follow>[1] = (seen) => {
    const workload = workloadOf(seen, at);
    return "missing" in workload || hasEnded(workload.figures);
  };
  const longest = stopAt === null ? LONGEST_FOLLOW : Math.min(LONGEST_FOLLOW, stopAt - now());
  return (await workloads.follow(ref, isOver, longest)).ok;
}
