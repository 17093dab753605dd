import type { FleetResult } from "../model/fleet.ts";
import { isoSeconds } from "../model/time.ts";

/** More names than this are counted, not listed: the answer of a function is for a person; the log holds every one. */
const MOST_LISTED = 50;

/** What a sweep answers to whoever started it: counts, and the clusters that need a word. */
export function sweepSummary({ at, summaries, plan, started }: FleetResult) {
  const verdicts: Record<string, number> = {};
  for (const summary of summaries)
    for (const [verdict, count] of Object.entries(summary.verdicts))
      verdicts[verdict] = (verdicts[verdict] ?? 0) + count;
  const unknown = summaries.flatMap(({ cluster, error }) => (error === null ? [] : [{ cluster, ...error }]));
  return {
    at: isoSeconds(at),
    clusters: summaries.length,
    gateways: summaries.reduce((total, { gateways }) => total + gateways, 0),
    verdicts,
    attention: summaries.reduce((total, { attention }) => total + attention, 0),
    started: listed(started.flatMap(({ cluster, answer }) => (answer.ok ? [cluster] : []))),
    notStarted: listed(
      started.flatMap(({ cluster, answer }) => (answer.ok ? [] : [{ cluster, why: answer.failure.message }])),
    ),
    waiting: listed(plan.waiting),
    unknownClusters: listed(unknown),
  };
}

const listed = <T>(items: readonly T[]) => ({ count: items.length, first: items.slice(0, MOST_LISTED) });
