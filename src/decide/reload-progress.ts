import type { Outcome, RestartProgress } from "../model/outcome.ts";
import { type Instant, isoSeconds } from "../model/time.ts";
import { ageing } from "./checks/age.ts";
import { namePods } from "./checks/check.ts";
import type { GatewayFacts } from "./facts.ts";
import { dirtyLines, isStillRefused } from "./informer-trouble.ts";
import { LONGEST_RELOAD } from "./last-reload.ts";
import { FILE_LAG } from "./token-interval.ts";

/**
 * Follows a reload of the guard's from what the containers tell of themselves: every process that holds a token is younger than the
 * reload, its token is no longer due, and its log has been clean for the proof period since. A reload that is no such cure is
 * followed by a restart.
 *
 * @param at when it was ordered, and all pods that ran then were to be reloaded
 */
export function reloadProgress(facts: GatewayFacts, at: Instant): RestartProgress {
  const { running, now, settings } = facts;
  const ended = (result: Outcome["result"], message: string): RestartProgress => ({
    state: "ended",
    outcome: { result, restartedAt: at, provenAt: now, message },
  });
  if (running.some((pod) => isStillRefused(pod, at))) {
    return ended("refused", "The token that it has read again is refused as well.");
  }
  const old = ageing(facts).filter(({ readAt, times }) => readAt < at - FILE_LAG || times.dueAt <= now);
  if (old.length > 0 || running.length === 0) {
    if (now - at < LONGEST_RELOAD) return { state: "rolling" };
    const what =
      old.length > 0 ? `That ${namePods(old)} read a new token since cannot be shown.` : "No pod of it runs.";
    return ended("unproven", what);
  }
  // The node's clock may be ahead; what was read was read by now.
  const until = Math.max(at, ...running.map(({ readAt }) => Math.min(readAt, now))) + settings.policy.proofPeriod;
  if (now < until) return { state: "proving", until };
  if (running.some((pod) => dirtyLines(pod, at).length > 0)) {
    return { state: "proving", until: now + settings.policy.proofPeriod / 2 };
  }
  const uncovered = running.filter(({ log }) => log !== "covered");
  const logs =
    uncovered.length === 0
      ? "and their logs hold no refusal."
      : `but the logs of ${namePods(uncovered)} do not show whether it is accepted.`;
  return ended("renewed", `Every pod has read its token again since ${isoSeconds(at)}, ${logs}`);
}
