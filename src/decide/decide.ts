import { parseImage } from "../evidence/image-version.ts";
import { type Action, type Decision, isCure, type Reason, type Verdict } from "../model/decision.ts";
import { HOUR } from "../model/time.ts";
import { gatewayId } from "../model/workload.ts";
import { doubtWarnings } from "./audit-warnings.ts";
import type { BlockerContext } from "./blockers/blocker.ts";
import { blockersOf } from "./blockers.ts";
import { ageing } from "./checks/age.ts";
import type { Finding } from "./checks/check.ts";
import { chooseCure } from "./cure.ts";
import type { GatewayFacts } from "./facts.ts";
import { hintsFor } from "./hints.ts";
import { lifetimeIfCured } from "./learned.ts";
import { nextChange } from "./next-change.ts";
import { restartProgress } from "./outcome.ts";
import { probeWarnings } from "./probe-warnings.ts";
import { verdictOf } from "./verdict.ts";

const ACTION_OF: Readonly<Record<Verdict, Action>> = {
  unknown: "alert",
  unfixable: "alert",
  rejected: "restart",
  unaffected: "none",
  expiring: "restart",
  due: "restart",
  verifying: "wait",
  healthy: "none",
};

/** The informer tries again 40 s after a failure and a request takes no time to speak of: 90 records an hour and informer. */
const RETRY_SECONDS = 40;

/** What is known of the rest of a gateway's cluster. */
export type Neighbourhood = Pick<BlockerContext, "others" | "unread">;

/** Decides about one gateway, in view of the others of its cluster. */
export function decide(facts: GatewayFacts, around: Neighbourhood): Decision {
  const { workload } = facts.gateway;
  const finding = verdictOf(facts);
  const refreshed = isRefreshed(facts, finding);
  const usual = ACTION_OF[finding.verdict];
  // A person who asks for a restart gets one.
  const chosen = usual === "restart" && !refreshed ? chooseCure(facts) : null;
  const action = refreshed ? "restart" : (chosen?.cure ?? usual);
  const urgent = refreshed || finding.verdict === "rejected" || finding.verdict === "expiring";
  const blockers = isCure(action) ? blockersOf({ facts, cure: action, urgent, refreshed, ...around }) : [];
  const progress = restartProgress(facts);
  return {
    gateway: { namespace: workload.namespace, kind: workload.kind, name: workload.name },
    version: workload.template.container === null ? null : parseImage(workload.template.container.image).version,
    ...finding,
    action,
    urgent,
    deadline: facts.deadline,
    dueAt: dueAt(facts),
    token: (facts.oldest ?? facts.running[0])?.token ?? null,
    rejections: rejectionsOfAll(facts),
    blockers,
    lastRestart: workload.lastRestart,
    restart: progress,
    lifetimeIfCured: finding.verdict === "rejected" ? lifetimeIfCured(facts, around.others) : null,
    pods: facts.pods.map(({ pod, startedAt, token, rejections }) => ({ name: pod.name, startedAt, token, rejections })),
    warnings: [...warningsOf(facts), ...(chosen?.why == null ? [] : [chosen.why])],
    hints: hintsFor(facts),
    nextCheckAt: nextChange(facts, { verdict: finding.verdict, blockers, progress }),
  };
}

/** Findings with which not even a person's word makes a restart: there is no gateway, no pod, or no time to rely on. */
const BEYOND_REFRESH: readonly Reason[] = [
  "PodsUnreadable",
  "NoApisixContainer",
  "NoPodRunning",
  "StartedInFuture",
  "ScaledToZero",
];

function isRefreshed({ settings: { refresh }, gateway: { workload } }: GatewayFacts, { reason }: Finding): boolean {
  return refresh !== undefined && gatewayId(refresh) === gatewayId(workload) && !BEYOND_REFRESH.includes(reason);
}

function dueAt(facts: GatewayFacts): Decision["dueAt"] {
  const moments = ageing(facts).map(({ times }) => times.dueAt);
  return moments.length === 0 ? null : Math.min(...moments);
}

function rejectionsOfAll({ running }: GatewayFacts): Decision["rejections"] {
  const rejecting = running.filter(({ rejections }) => rejections.lines > 0);
  const lines = rejecting.reduce((sum, { rejections }) => sum + rejections.lines, 0);
  const last = rejecting.flatMap(({ rejections }) => (rejections.lastAt === null ? [] : [rejections.lastAt]));
  return {
    lines,
    pods: rejecting.length,
    perHour: rejecting.reduce((sum, { rejections }) => sum + perHour(rejections), 0),
    lastAt: last.length === 0 ? null : Math.max(...last),
    covered: running.every(({ log }) => log === "not-read") ? null : running.every(({ log }) => log === "covered"),
  };
}

/** The rate between the first and the last record; a single one counts as one per retry. */
function perHour({ lines, firstAt, lastAt }: { lines: number; firstAt: number | null; lastAt: number | null }): number {
  const span = (lastAt ?? 0) - (firstAt ?? 0);
  return span === 0 ? Math.round(3_600 / RETRY_SECONDS) : Math.round(((lines - 1) * HOUR) / span);
}

function warningsOf({ gateway, running }: GatewayFacts): readonly string[] {
  const warnings = [...doubtWarnings(running), ...probeWarnings(running)];
  if (gateway.workload.lastRestart.state === "unreadable") {
    warnings.push(`Its annotation apisix-token-guard/last-restart cannot be read: ${gateway.workload.lastRestart.why}`);
  }
  if (gateway.config !== null && !gateway.config.ok) {
    warnings.push(
      `Its configuration could not be read, service discovery is presumed on: ${gateway.config.failure.message}`,
    );
  } else if (gateway.config?.value.discovery.state === "unknown") {
    warnings.push(
      `Its configuration is not clear, service discovery is presumed on: ${gateway.config.value.discovery.why}`,
    );
  }
  if (gateway.revisions !== null && !gateway.revisions.ok) {
    warnings.push(
      `Whether its pods are of the restarted template could not be read, so its proof waits: ${gateway.revisions.failure.message}`,
    );
  }
  return warnings;
}
