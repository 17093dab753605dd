import type { Verdict } from "../model/decision.ts";
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
export function fleetMetrics({ summaries, started }: FleetResult): readonly Metric[] {
  const sum = (of: (summary: ClusterSummary) => number) => summaries.reduce((total, one) => total + of(one), 0);
  const withVerdict = (verdict: Verdict) => sum(({ verdicts }) => verdicts[verdict] ?? 0);
  const unseen = summaries.filter(({ error }) => error !== null).length;
  const lives = summaries.flatMap(({ minLifeLeftPercent }) => minLifeLeftPercent ?? []);
  return [
    count(
      "Gateways",
      sum(({ gateways }) => gateways),
    ),
    count("Refused", withVerdict("rejected")),
    count("Unfixable", withVerdict("unfixable")),
    count("Unknown", withVerdict("unknown")),
    count(
      "UrgentBlocked",
      sum(({ urgentBlocked }) => urgentBlocked),
    ),
    count(
      "RestartFailed",
      sum(({ ended }) => ended.bad),
    ),
    count("ClustersUnknown", unseen),
    count("Started", started.filter(({ answer }) => answer.ok).length),
    count("StartFailed", started.filter(({ answer }) => !answer.ok).length),
    ...percent("MinLifeLeftPercent", lives.length === 0 ? null : Math.min(...lives)),
    // Missing means that the guard does not see everything it is responsible for.
    ...(summaries.length > 0 && unseen === 0 ? [count("SweepCompleted", 1)] : []),
  ];
}

const count = (name: string, value: number): Metric => ({ name, unit: "Count", value });

/** Nothing where no age is known: 0 would raise an alarm, 100 would calm it. */
const percent = (name: string, value: number | null): readonly Metric[] =>
  value === null ? [] : [{ name, unit: "Percent", value: Math.floor(value) }];
