import type { LastRestart } from "../model/last-restart.ts";
import { DAY, type Instant, MINUTE, type Millis, parseInstant } from "../model/time.ts";
import type { Workload } from "../model/workload.ts";
import { isAtRest } from "../rollout/state.ts";

/** How long a restart of ours speaks for other gateways: after a day its result, or the lack of one, says nothing any more. */
export const RESTART_MEMORY = DAY;

/**
 * The reason of a note that is written a moment before the restart itself: a claim. Guards that mean to restart two gateways of one
 * cluster at the same time each write theirs before they look at all the others, so at least one of them sees the other's and
 * gives way.
 */
export const CLAIM_REASON = "AboutToRestart";

/** From its claim to its restart a guard asks for the time, lists the workloads and patches; one that takes longer was stopped. */
export const LONGEST_CLAIM: Millis = MINUTE;

/** Whether a note stands for a restart that is about to be ordered, or never was. */
export const isClaim = (last: LastRestart): boolean => last.state === "known" && last.reason === CLAIM_REASON;

/** Whether this restart has no result yet and is young enough to get one. */
export const awaitsResult = (last: LastRestart, now: Instant): boolean =>
  last.state === "known" && last.result === null && now - last.at < RESTART_MEMORY;

/**
 * Whether the guard may be restarting this workload now. Where its note cannot be read, its own numbers and the mark in its template
 * have to do: somebody may have overwritten the note in the middle of a rollout of ours.
 */
export function mayBeInFlight(workload: Workload, now: Instant): boolean {
  const { lastRestart, figures } = workload;
  if (lastRestart.state !== "unreadable") return awaitsResult(lastRestart, now);
  const last = lastRestartAt(workload);
  return last !== null && now - last < RESTART_MEMORY && !isAtRest(figures);
}

/**
 * When the workload was last restarted by the guard, as well as can be known: where its note cannot be read, or is a claim that took
 * the place of an earlier note, the template's own restartedAt is taken, so that neither shortens the cooldown.
 */
export function lastRestartAt({ lastRestart, template }: Workload): Instant | null {
  if (lastRestart.state === "none") return null;
  return lastRestart.state === "known" && !isClaim(lastRestart) ? lastRestart.at : parseInstant(template.restartedAt);
}
