import type { Reason } from "../model/decision.ts";
import type { Outcome, RestartProgress } from "../model/outcome.ts";
import { isoSeconds, parseInstant } from "../model/time.ts";
import type { GatewayFacts } from "./facts.ts";
import { awaitsResult, isClaim, LONGEST_CLAIM } from "./in-flight.ts";
import { DIRTY, isStillRefused, troubleSince } from "./informer-trouble.ts";
import { noResult } from "./no-result.ts";
import { reloadProgress } from "./reload-progress.ts";

/** Reasons of a restart that was ordered because a token was refused: it is cured when that stops, not when pods are new. */
const REFUSED_REASONS: readonly string[] = [
  "TokenRefused",
  "RefusedWhenNew",
  "RestartDidNotHelp",
  "VersionRereadsToken",
  "TokenFileUnreadable",
  "TokenIsStatic",
  "RemoteClusterRefused",
] satisfies Reason[];

/** Whether a restart for this reason did not wait for a window. */
export const isUrgentReason = (reason: string): boolean =>
  REFUSED_REASONS.includes(reason) || reason === ("NearDeadline" satisfies Reason);

/** Logs that stay unreadable for so many proof periods will not prove anything. */
const UNPROVEN_AFTER_PERIODS = 3;

/** What comes of a claim that nobody acted on. */
const LAPSED: RestartProgress = {
  state: "ended",
  outcome: {
    result: "deferred",
    restartedAt: null,
    provenAt: null,
    message: "The run of the guard that was about to restart it was stopped before it did.",
  },
};

/**
 * Follows the guard's last restart from the objects alone, so that any run can take over from any other. Whether pods are new is
 * told by their revision, not by clocks: it must bear our restartedAt, or a later one.
 */
export function restartProgress(facts: GatewayFacts): RestartProgress {
  const { gateway, now } = facts;
  const last = gateway.workload.lastRestart;
  if (last.state !== "known" || !awaitsResult(last, now)) return { state: "none" };
  const ended = (result: Outcome["result"], message: string): RestartProgress => ({
    state: "ended",
    outcome: { result, restartedAt: last.at, provenAt: now, message },
  });
  if (isClaim(last)) return now - last.at < LONGEST_CLAIM ? { state: "rolling" } : LAPSED;
  if (last.cure === "reload") return reloadProgress(facts, last.at);
  if (facts.rollout.state === "failed") {
    const { available, desired } = gateway.workload.figures;
    return ended("failed", `${facts.rollout.message} ${available} of ${desired} pods are available.`);
  }
  if (gateway.workload.figures.desired === 0)
    return ended("unproven", "It was scaled to zero: no pod is left to prove anything.");
  const open = (): RestartProgress => {
    const given = noResult(facts, last.at);
    return given === null ? { state: "rolling" } : ended(given.result, given.message);
  };
  if (facts.running.length === 0 || gateway.revisions === null || !gateway.revisions.ok) return open();
  const since = last.at;
  const isOurs = (restartedAt: string | null): boolean => (parseInstant(restartedAt) ?? 0) >= since;
  const ours = new Set(gateway.revisions.value.filter((one) => isOurs(one.restartedAt)).map(({ hash }) => hash));
  const replaced = facts.pods.every(({ pod }) => pod.revision !== null && ours.has(pod.revision));
  if (!isOurs(gateway.workload.template.restartedAt) && !replaced) {
    return ended(
      "reverted",
      "Another manager of the workload removed restartedAt from its template before all pods were new.",
    );
  }
  const { figures } = gateway.workload;
  if (
    facts.rollout.state !== "complete" ||
    !replaced ||
    figures.available < figures.desired ||
    figures.updated < figures.desired
  ) {
    return open();
  }
  if (!REFUSED_REASONS.includes(last.reason)) {
    return ended("renewed", `Every pod was replaced since ${isoSeconds(last.at)} and is available.`);
  }
  return proof(facts, ended);
}

/** Reads the proof of a cure from the logs of the new containers. */
function proof(
  { running, now, settings: { policy } }: GatewayFacts,
  ended: (result: Outcome["result"], message: string) => RestartProgress,
): RestartProgress {
  if (running.some((pod) => isStillRefused(pod, pod.startedAt, DIRTY))) {
    return ended("refused", "The new pods are refused as well: their token is not too old, it is not accepted at all.");
  }
  const newest = Math.max(...running.map(({ startedAt }) => startedAt));
  const until = newest + policy.proofPeriod;
  if (now < until) return { state: "proving", until };
  if (
    running.every(({ log }) => log === "covered") &&
    running.every((pod) => troubleSince(pod, pod.startedAt, DIRTY).length === 0)
  ) {
    return ended("cured", `The logs of all ${running.length} new pods hold no refusal.`);
  }
  const givenUp = newest + UNPROVEN_AFTER_PERIODS * policy.proofPeriod;
  if (now >= givenUp && running.some(({ log }) => log !== "covered")) {
    return ended("unproven", "Every pod is new, and the logs that would prove the cure could not be read in full.");
  }
  return { state: "proving", until: now + policy.proofPeriod / 2 };
}
