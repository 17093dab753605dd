import type { ClusterResult, Verdict } from "../model/decision.ts";
import type { ClusterSummary, FleetResult } from "../model/fleet.ts";

export interface Metric {
  readonly name: string;
  readonly unit: "Count" | "Percent";
  readonly value: number;
}

/**
 * What is measured of every cluster. Few on purpose: each is paid for by cluster and month, and the log tells the rest.
 */
export function clusterMetrics({ attention, verdicts, error, minLifeLeftPercent }: ClusterSummary): readonly Metric[] {
  return [
    count("Attention", attention),
    count("Unknown", (verdicts.unknown ?? 0) + (error === null ? 0 : 1)),
    ...percent("MinLifeLeftPercent", minLifeLeftPercent),
  ];
}

/** What is measured of the fleet by every sweep; zeroes too, so that an alarm sees the end of what raised it. */
export function fleetMetrics({ summaries, plan, started }: FleetResult): readonly Metric[] {
  const sum = (of: (summary: ClusterSummary) => number) => summaries.reduce((total, one) => total + of(one), 0);
  const withVerdict = (verdict: Verdict) => sum(({ verdicts }) => verdicts[verdict] ?? 0);
  const unseen = summaries.filter(isUnseen).length;
  // Those that wait for the rest of the fleet are as little helped as those that something in their own cluster holds back.
  const urgentWaiting = plan.waiting.filter(({ wants }) => wants === "urgent").length;
  const lives = summaries.flatMap(({ minLifeLeftPercent }) => minLifeLeftPercent ?? []);
  return [
    count(
      "Gateways",
      sum(({ gateways }) => gateways),
    ),
    count("Refused", withVerdict("rejected")),
    count("Unfixable", withVerdict("unfixable")),
    count("Unknown", withVerdict("unknown")),
    count("UrgentBlocked", sum(({ urgentBlocked }) => urgentBlocked) + urgentWaiting),
    count(
      "RestartFailed",
      sum(({ ended }) => ended.bad),
    ),
    count("ClustersUnknown", unseen),
    count("Started", started.filter(({ answer }) => answer.ok).length),
    count("StartFailed", started.filter(({ answer }) => !answer.ok).length),
    ...percent("MinLifeLeftPercent", lives.length === 0 ? null : Math.min(...lives)),
    // Without the first the guard is dead, without the second it does not see everything it is responsible for.
    count("SweepEnded", 1),
    ...(summaries.length > 0 && unseen === 0 ? [count("SweepCompleted", 1)] : []),
  ];
}

/** A cluster in which no gateway runs was looked at all the same. */
const isUnseen = ({ error }: Pick<ClusterSummary, "error">): boolean =>
  error !== null && error.code !== "NoGatewayFound";

/** What every run that heals tells: whether what it was started for was done. Nothing else would show that it never is. */
export function healMetrics({ error, outcomes }: ClusterResult): readonly Metric[] {
  const notDone = outcomes.filter(({ outcome: { result } }) => result === "deferred" || result === "conflict").length;
  return [count("RestartNotDone", notDone + (isUnseen({ error }) ? 1 : 0))];
}

const count = (name: string, value: number): Metric => ({ name, unit: "Count", value });

/** Nothing where no age is known: 0 would raise an alarm, 100 would calm it. */
const percent = (name: string, value: number | null): readonly Metric[] =>
  value === null ? [] : [{ name, unit: "Percent", value: Math.floor(value) }];
