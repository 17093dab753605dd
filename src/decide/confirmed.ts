import type { LastRestart, Suspicion } from "../model/last-restart.ts";
import type { ClusterObservation } from "../model/observation.ts";
import type { Millis } from "../model/time.ts";

type KnownRestart = Extract<LastRestart, { state: "known" }>;

/**
 * How far two numbers learned from the same tokens lie apart, as a share of the longer one: the watch and the hour between looks
 * make up to a sixth of a day, rarer looks more.
 */
const TOLERANCE = 0.25;

/** Where tokens live so long the next is refused after one lifetime; rollouts meanwhile delay it, each by another at most. */
const LAPSES_AFTER_LIFETIMES = 3;

/**
 * What is known of the lifetime once a restart has cured. What it shows itself is first a suspicion: keys are rotated, ServiceAccounts
 * created again and authenticators restarted, and a new token cures all of that. It counts when a token issued after another cure, in
 * any gateway of the cluster, was refused at about the same age: what had happened before that cure cannot have been its cause.
 */
export function afterCure(
  { at, lifetime, lifetimeIfCured = null, suspected }: KnownRestart,
  { gateways }: ClusterObservation,
): Pick<KnownRestart, "lifetime" | "suspected"> {
  if (lifetimeIfCured === null) return { lifetime, suspected };
  const confirmed = gateways.flatMap(({ workload: { lastRestart } }) => {
    const before = lastRestart.state === "known" ? lastRestart.suspected : null;
    return before && isConfirmed(before, { at, lifetime: lifetimeIfCured }) ? [before.lifetime] : [];
  });
  if (confirmed.length === 0) return { lifetime, suspected: { at, lifetime: lifetimeIfCured } };
  return { lifetime: Math.min(lifetimeIfCured, ...confirmed) };
}

function isConfirmed(before: Suspicion, now: Suspicion): boolean {
  const passed: Millis = now.at - before.at;
  const apart = Math.abs(now.lifetime - before.lifetime);
  // Within a lifetime of the first cure, a token of this age is one that was issued before it.
  return (
    apart <= TOLERANCE * Math.max(now.lifetime, before.lifetime) &&
    passed >= now.lifetime &&
    passed <= LAPSES_AFTER_LIFETIMES * now.lifetime
  );
}
