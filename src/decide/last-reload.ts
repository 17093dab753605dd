import type { LastRestart } from "../model/last-restart.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Policy } from "../model/policy.ts";
import { HOUR, type Instant, MINUTE, type Millis } from "../model/time.ts";
import { awaitsResult, RESTART_MEMORY } from "./in-flight.ts";

/** From the note of a reload to its last pod: far more than a run of the guard can take for it. */
export const LONGEST_RELOAD: Millis = HOUR;

/**
 * From one pod to the next. A command and the looks around it take a second, and at worst half a minute; the rest is for the clocks of
 * nodes.
 */
export const LONGEST_PAUSE: Millis = 2 * MINUTE;

type Reload = Extract<LastRestart, { state: "known" }> & { readonly cure: "reload" };

/** Whether the guard's last act was a reload. */
export const isReload = (last: LastRestart): last is Reload => last.state === "known" && last.cure === "reload";

/** Whether a reload of the guard's is under way, or may be. */
export const isReloading = (last: LastRestart, now: Instant): last is Reload =>
  isReload(last) && awaitsResult(last, now);

/** Whether the guard's last act was a reload that was no cure: a restart may follow at once. */
export const hasFailedReload = (last: LastRestart): last is Reload =>
  isReload(last) && last.result !== null && last.result !== "renewed";

/**
 * When a reload was no cure, as long as that speaks against another; null: none was, or it is so long ago that it may have been bad
 * luck. Where something holds the restart back that should have followed, it is tried again then.
 */
export function failedReload(last: LastRestart, now: Instant): Instant | null {
  const at = last.state === "known" ? (last.reloadFailedAt ?? null) : null;
  return at !== null && now - at < RESTART_MEMORY ? at : null;
}

/** What is to be noted of failed reloads once this outcome is known. */
export function failedReloadAfter(last: LastRestart, { result }: Pick<Outcome, "result">): Instant | null {
  if (last.state !== "known") return null;
  if (!isReload(last)) return last.reloadFailedAt ?? null;
  return result === "renewed" ? null : last.at;
}

/**
 * When every container that ran then is known to have read its token again. Believed only where reloads are asked for: whoever may
 * write the note could otherwise make a token young in a cluster that has never seen one.
 */
export const provenReload = (last: LastRestart, { cure }: Pick<Policy, "cure">): Instant | null =>
  cure === "reload" && isReload(last) && last.result === "renewed" ? last.at : null;

/** What was done, in a sentence about it. */
export const wasDone = (last: LastRestart): "restarted" | "reloaded" => (isReload(last) ? "reloaded" : "restarted");
