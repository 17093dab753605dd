import { record } from "./act/record.ts";
import { restart } from "./act/restart.ts";
import { ROLLOUT_POLL } from "./decide/next-change.ts";
import { freeRestarts, planCluster } from "./decide/plan.ts";
import type { ClusterResult, Plan } from "./model/decision.ts";
import type { OutcomeResult } from "./model/last-restart.ts";
import type { ClusterObservation, EvidenceSwitches, GatewayScope } from "./model/observation.ts";
import type { DecisionSettings } from "./model/policy.ts";
import { type Instant, type Millis, SECOND } from "./model/time.ts";
import type { GatewayRef } from "./model/workload.ts";
import { observeAccess } from "./observe/access.ts";
import { observeCluster } from "./observe/cluster.ts";
import type { Cluster, Progress, Restarter } from "./ports.ts";

/** After a change of a workload, the guard's own or somebody else's: enough for its controller to see it. */
export const CHANGE_PAUSE: Millis = SECOND;

/** After these nothing is held back by the gateway itself, whatever its controller has seen of the note. */
const GOOD: readonly OutcomeResult[] = ["renewed", "cured"];

export interface ReconcileOptions {
  readonly name: string;
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly settings: DecisionSettings;
  /** The moment to decide for; null: the moment of the observation. */
  readonly at: Instant | null;
  /** Carries the plan out; null: look and decide only. */
  readonly restarter: Restarter | null;
  /** Asked before another gateway is tried in place of one whose restart was not taken; left out: there is. */
  readonly hasTime?: (() => boolean) | undefined;
  readonly progress?: Progress | undefined;
}

/**
 * Looks at one cluster once and does what is to be done now: observe, decide, look closer at what is about to be restarted, decide
 * again, act, report. Could be the first run ever: all memory is on the workloads.
 *
 * @throws GuardError when the cluster cannot be asked at all
 */
export async function reconcile(cluster: Cluster, options: ReconcileOptions): Promise<ClusterResult> {
  const { settings, at, restarter, scope } = options;
  const seen = await observeCluster(cluster, options);
  const first = planCluster(seen, settings, at ?? seen.at);
  const closer = await observeAccess(cluster, seen, first);
  const plan = planCluster(closer, settings, at ?? seen.at);
  const acted = restarter === null ? lookOnly(plan) : await act(cluster, closer, plan, { ...options, restarter });
  return { cluster: options.name, at: plan.at, ...acted, error: errorOf(closer, plan, scope) };
}

type Acted = Pick<ClusterResult, "plan" | "outcomes" | "nextLookAt" | "warnings">;
type Ended = ClusterResult["outcomes"][number];

const lookOnly = (plan: Plan): Acted => ({
  plan,
  outcomes: endedRestarts(plan),
  nextLookAt: inFlightAt(plan),
  warnings: [],
});

/** Records the results of restarts that have ended, then starts the first of those that nothing holds back and the API server takes. */
async function act(
  cluster: Cluster,
  seen: ClusterObservation,
  plan: Plan,
  options: ReconcileOptions & { readonly restarter: Restarter },
): Promise<Acted> {
  const outcomes: Ended[] = [];
  const looks: (Instant | null)[] = [inFlightAt(plan)];
  const warnings: string[] = [];
  const tried: GatewayRef[] = [];
  const acting = { ...options, tried, warn: (text: string) => warnings.push(text) };
  for (const ended of endedRestarts(plan)) {
    outcomes.push(ended);
    const written = await record(acting, seen, ended.gateway, ended.outcome);
    // What was recorded may free the next gateway; so would what could not be, because its controller wrote at the same moment.
    const isOver = written === "written" && GOOD.includes(ended.outcome.result);
    looks.push(written === "failed" ? null : plan.at + (isOver ? 0 : CHANGE_PAUSE));
  }
  for (const gateway of freeRestarts(plan.decisions, options.settings)) {
    if (tried.length > 0 && options.hasTime?.() === false) break;
    const attempt = await restart(cluster, seen, gateway, acting);
    tried.push(gateway);
    if (attempt.ordered || attempt.passing) looks.push(plan.at + ROLLOUT_POLL);
    if (attempt.ordered) break;
    outcomes.push({ gateway, outcome: attempt.outcome });
    if (attempt.outcome.result === "conflict") looks.push(plan.at + CHANGE_PAUSE);
    if (!attempt.over) break;
  }
  return { plan: { ...plan, restarts: tried }, outcomes, nextLookAt: earliest(looks), warnings };
}

const endedRestarts = ({ decisions }: Plan): Ended[] =>
  decisions.flatMap(({ gateway, restart: progress }) =>
    progress.state === "ended" ? [{ gateway, outcome: progress.outcome }] : [],
  );

/** When restarts that are under way are worth another look. */
const inFlightAt = ({ decisions }: Plan): Instant | null =>
  earliest(
    decisions
      .filter(({ restart: { state } }) => state === "rolling" || state === "proving")
      .map(({ nextCheckAt }) => nextCheckAt),
  );

function earliest(moments: readonly (Instant | null)[]): Instant | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.min(...known);
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
