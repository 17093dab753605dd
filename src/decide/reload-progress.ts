import type { InformerFailure } from "../model/log.ts";
import type { Outcome, RestartProgress } from "../model/outcome.ts";
import { type Instant, isoSeconds, MINUTE } from "../model/time.ts";
import { ageing } from "./checks/age.ts";
import { namePods } from "./checks/check.ts";
import type { GatewayFacts, RunningPod } from "./facts.ts";
import { isStillRefused, troubleSince } from "./informer-trouble.ts";
import { LONGEST_PAUSE, LONGEST_RELOAD } from "./last-reload.ts";
import { FILE_LAG } from "./token-interval.ts";

/** All that a reload has to do with. What else an informer complains of, it did before. */
const REFUSALS: readonly InformerFailure[] = ["unauthorized"];

/**
 * Follows a reload of the guard's from what the containers tell of themselves: every process that holds a token is younger than the
 * reload, its token is as new as the kubelet keeps it, and its log has been free of refusals for the proof period since. A reload that is no
 * such cure is followed by a restart.
 *
 * @param at when it was ordered, and all pods that ran then were to be reloaded
 */
export function reloadProgress(facts: GatewayFacts, at: Instant): RestartProgress {
  const { running, now, settings, gateway } = facts;
  const ended = (result: Outcome["result"], message: string): RestartProgress => ({
    state: "ended",
    outcome: { result, cure: "reload", restartedAt: at, provenAt: now, message },
  });
  const open = (message: string, until: Instant): RestartProgress =>
    now < until ? { state: "rolling" } : ended("unproven", message);

  if (!gateway.pods.ok) return open("Its pods could not be read.", at + LONGEST_RELOAD);
  if (running.some((pod) => isStillRefused(pod, at, REFUSALS))) {
    return ended("refused", "The token that it has read again is refused as well.");
  }
  if (running.length === 0) return open("No pod of it runs.", at + LONGEST_PAUSE);
  const left = ageing(facts).filter((pod) => !hasNewToken(pod, at) || pod.times.dueAt <= now);
  if (left.length > 0) {
    const until = Math.min(lastReload(facts, at) + LONGEST_PAUSE, at + LONGEST_RELOAD);
    return open(`That ${namePods(left)} read a new token since cannot be shown.`, until);
  }
  const until = Math.max(at, ...running.map((pod) => readBy(pod, now))) + settings.policy.proofPeriod;
  if (now < until) return { state: "proving", until };
  if (running.some((pod) => troubleSince(pod, at, REFUSALS).length > 0)) {
    return { state: "proving", until: now + settings.policy.proofPeriod / 2 };
  }
  const uncovered = running.filter(({ log }) => log !== "covered");
  const logs =
    uncovered.length === 0
      ? "and their logs hold no refusal."
      : `but the logs of ${namePods(uncovered)} do not show whether it is accepted.`;
  return ended("renewed", `Every pod has read its token again since ${isoSeconds(at)}, ${logs}`);
}

/** Read since, and issued when the kubelet last had to. */
const hasNewToken = ({ readAt, token: { issuedAt }, renewedWithin }: RunningPod, at: Instant): boolean =>
  readAt >= at - FILE_LAG && issuedAt !== null && issuedAt.earliest >= at - FILE_LAG - renewedWithin;

/** The node's clock may be ahead; what was read was read by now. */
const readBy = ({ readAt }: RunningPod, now: Instant): Instant => Math.min(readAt, now);

/** A process that is so much younger than its container was started anew in it. */
const lastReload = ({ running, now }: GatewayFacts, at: Instant): Instant =>
  Math.max(
    at,
    ...running.filter(({ readAt, startedAt }) => readAt - startedAt > MINUTE).map((pod) => readBy(pod, now)),
  );
