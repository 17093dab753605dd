import type { ClusterSummary, FleetHold, FleetPlan, Start, Urgency } from "../model/fleet.ts";
import { HOUR, type Instant, type Millis } from "../model/time.ts";
import { rotated, turnOf } from "./turn.ts";

/**
 * So many restarts that ended badly within a day, and the fleet's restarts are the wrong cure or harm: one may be bad luck of one
 * cluster, two a coincidence.
 */
export const MAX_BAD = 3;

/** Longer than any rollout that goes well: an urgent restart that takes longer holds no other urgent one back any more. */
const LONGEST_FIRST: Millis = HOUR;

/**
 * What is to be done in a fleet, from one look at each of its clusters. Restarts that are under way are always followed. The first
 * restart of a day is finished before other clusters begin theirs, once a restart has done good they all may, and after too many
 * that did not nobody begins one. Urgent restarts wait for urgent ones only, and not for ever.
 *
 * @param now the guard's own time
 * @param most clusters that can be remediated at the same time; the others would wait where nobody sees them
 */
export function planFleet(summaries: readonly ClusterSummary[], now: Instant, most: number): FleetPlan {
  const bad = summaries.reduce((sum, { ended }) => sum + ended.bad, 0);
  const good = summaries.reduce((sum, { ended }) => sum + ended.good, 0);
  const underWay = summaries.filter(({ inFlight }) => inFlight !== null);
  const wanting = summaries.filter((one): one is Wanting => one.wants !== null && one.inFlight === null);
  if (bad >= MAX_BAD) return halted(underWay, wanting, bad);
  const followed = underWay.map(({ cluster }) => ({ cluster, hold: null }));
  if (good > 0) return atMost(most, followed, inTurn(wanting, now));

  const first = firstOf(underWay, wanting, now);
  const running = first?.cluster ?? underWay[0]?.cluster;
  const why = `No restart of the last day has a result yet: that of cluster ${running} is finished first.`;
  return {
    starts: first === null ? followed : [...followed, { cluster: first.cluster, hold: holdFor(first, underWay, why) }],
    waiting: wanting.filter((one) => one !== first).map((one) => waits(one, why)),
  };
}

type Wanting = ClusterSummary & { readonly wants: Urgency };

const waits = ({ cluster, wants }: Wanting, why: string): FleetPlan["waiting"][number] => ({ cluster, wants, why });

/** Restarts under way get their result, and no other begins. */
function halted(underWay: readonly ClusterSummary[], wanting: readonly Wanting[], bad: number): FleetPlan {
  const why = `${bad} restarts of the last day were refused or failed: look at those first. A refresh by name still acts.`;
  return {
    starts: underWay.map(({ cluster }) => ({ cluster, hold: { restarts: "all", why } })),
    waiting: wanting.map((one) => waits(one, why)),
  };
}

/** Urgent ones first; of those that do not fit others are left over each time. */
function inTurn(wanting: readonly Wanting[], now: Instant): readonly Wanting[] {
  const turned = wanting.length === 0 ? [] : rotated(wanting, turnOf(wanting.length, now));
  return turned.toSorted((a, b) => Number(b.wants === "urgent") - Number(a.wants === "urgent"));
}

function atMost(most: number, followed: readonly Start[], wanting: readonly Wanting[]): FleetPlan {
  const room = Math.max(0, most - followed.length);
  const why = `${most} clusters are healed at the same time; this one's turn comes with one of the next sweeps.`;
  return {
    starts: [...followed, ...wanting.slice(0, room).map(({ cluster }) => ({ cluster, hold: null }))],
    waiting: wanting.slice(room).map((one) => waits(one, why)),
  };
}

/**
 * The cluster that goes first; null: others are already on their way, or nothing is to be done. The turn goes round: a cluster whose
 * restart never begins, for lack of a permission, must not hold all others back for ever.
 */
function firstOf(underWay: readonly ClusterSummary[], wanting: readonly Wanting[], now: Instant): Wanting | null {
  const urgent = wanting.filter(({ wants }) => wants === "urgent");
  if (urgent.length === 0) return underWay.length > 0 ? null : (wanting[turnOf(wanting.length, now)] ?? null);
  return underWay.some((one) => isUrgentAndNew(one, now)) ? null : (urgent[turnOf(urgent.length, now)] ?? null);
}

const isUrgentAndNew = ({ inFlight }: ClusterSummary, now: Instant): boolean =>
  inFlight?.urgency === "urgent" && now - (inFlight.since ?? now) < LONGEST_FIRST;

/** A routine restart under way elsewhere does not hold an urgent one, but no second routine one begins beside it. */
const holdFor = ({ wants }: Wanting, underWay: readonly ClusterSummary[], why: string): FleetHold | null =>
  wants === "urgent" && underWay.length > 0 ? { restarts: "routine", why } : null;
