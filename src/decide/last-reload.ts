import type { LastRestart } from "../model/last-restart.ts";
import type { Policy } from "../model/policy.ts";
import { type Instant, MINUTE, type Millis } from "../model/time.ts";

/** From the note of a reload to its last pod. A pod takes a second or two, and they come one after another. */
export const LONGEST_RELOAD: Millis = 5 * MINUTE;

type Reload = Extract<LastRestart, { state: "known" }> & { readonly cure: "reload" };

/** Whether the guard's last act was a reload. */
export const isReload = (last: LastRestart): last is Reload => last.state === "known" && last.cure === "reload";

/** A reload that was no cure: a restart follows, and need not wait as for a second restart. */
export const hasFailedReload = (last: LastRestart): last is Reload =>
  isReload(last) && last.result !== null && last.result !== "renewed";

/**
 * When every container that ran then is known to have read its token again. Believed only where reloads are asked for: whoever may
 * write the note could otherwise make a token young in a cluster that has never seen one.
 */
export const provenReload = (last: LastRestart, { cure }: Pick<Policy, "cure">): Instant | null =>
  cure === "reload" && isReload(last) && last.result === "renewed" ? last.at : null;

/** What was done, in a sentence about it. */
export const wasDone = (last: LastRestart): "restarted" | "reloaded" => (isReload(last) ? "reloaded" : "restarted");
