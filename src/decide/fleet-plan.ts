import type { ClusterSummary, FleetHold, FleetPlan } from "../model/fleet.ts";
import { type Instant, MINUTE } from "../model/time.ts";

/**
 * So many restarts that ended badly within a day, and the fleet's restarts are the wrong cure or harm: one may be bad luck of one
 * cluster, two a coincidence.
 */
export const MAX_BAD = 3;

/**
 * What is to be done in a fleet, from one look at each of its clusters. Restarts that are under way are always followed. The first
 * restart of a day is finished before other clusters begin theirs, once a restart has done good they all may, and after too many
 * that did not nobody begins one. Urgent restarts wait for urgent ones only.
 *
 * @param now the guard's own time
 */
export function planFleet(summaries: readonly ClusterSummary[], now: Instant): FleetPlan {
  const bad = summaries.reduce((sum, { ended }) => sum + ended.bad, 0);
  const good = summaries.reduce((sum, { ended }) => sum + ended.good, 0);
  const underWay = summaries.filter(({ inFlight }) => inFlight !== null);
  const wanting = summaries.filter(({ wants, inFlight }) => wants !== null && inFlight === null);
  if (bad >= MAX_BAD) return halted(underWay, wanting, bad);
  const followed = underWay.map(({ cluster }) => ({ cluster, hold: null }));
  if (good > 0)
    return { starts: [...followed, ...wanting.map(({ cluster }) => ({ cluster, hold: null }))], waiting: [] };

  const first = firstOf(underWay, wanting, now);
  const running = first?.cluster ?? underWay[0]?.cluster;
  const why = `No restart of the last day has a result yet: that of cluster ${running} is finished first.`;
  return {
    starts: first === null ? followed : [...followed, { cluster: first.cluster, hold: holdFor(first, underWay, why) }],
    waiting: wanting.filter((one) => one !== first).map(({ cluster }) => ({ cluster, why })),
  };
}

/** Restarts under way get their result, and no other begins. */
function halted(underWay: readonly ClusterSummary[], wanting: readonly ClusterSummary[], bad: number): FleetPlan {
  const why = `${bad} restarts of the last day were refused or failed: look at those first. A refresh by name still acts.`;
  return {
    starts: underWay.map(({ cluster }) => ({ cluster, hold: { restarts: "all", why } })),
    waiting: wanting.map(({ cluster }) => ({ cluster, why })),
  };
}

/** The cluster that goes first; null: others are already on their way, or nothing is to be done. */
function firstOf(
  underWay: readonly ClusterSummary[],
  wanting: readonly ClusterSummary[],
  now: Instant,
): ClusterSummary | null {
  const urgent = wanting.filter(({ wants }) => wants === "urgent");
  if (urgent.length > 0) return underWay.some(({ inFlight }) => inFlight === "urgent") ? null : turnOf(urgent, now);
  return underWay.length > 0 ? null : turnOf(wanting, now);
}

/**
 * Whose turn it is changes from sweep to sweep: a cluster whose restart never begins, for lack of a permission, must not hold all
 * others back for ever. Multiplied (Knuth's constant for 32 bits), so that sweeps at regular intervals do not meet the same one.
 */
function turnOf(clusters: readonly ClusterSummary[], now: Instant): ClusterSummary | null {
  const minute = Math.floor(now / MINUTE);
  return clusters[(Math.imul(minute, 2_654_435_761) >>> 8) % clusters.length] ?? null;
}

/** A routine restart under way elsewhere does not hold an urgent one, but no second routine one begins beside it. */
const holdFor = ({ wants }: ClusterSummary, underWay: readonly ClusterSummary[], why: string): FleetHold | null =>
  wants === "urgent" && underWay.length > 0 ? { restarts: "routine", why } : null;
