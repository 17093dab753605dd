import type { Advice } from "../model/advice.ts";
import type { ClusterResult, Decision, PodDecision, PodToken } from "../model/decision.ts";
import type { LastRestart } from "../model/last-restart.ts";
import type { Outcome } from "../model/outcome.ts";
import { type Instant, type Interval, isoSeconds, type Millis, SECOND } from "../model/time.ts";
import { gatewayId } from "../model/workload.ts";
import { adviceOf } from "./advice.ts";
import {
  FLEET_SCHEMA,
  type FleetReport,
  type GatewayReport,
  type IntervalReport,
  type PodReport,
  REPORT_SCHEMA,
  type Report,
} from "./schema.ts";

/** The report on one cluster: the same facts as the result, in the form that leaves the program. */
export function buildReport({ cluster, at, plan, outcomes, nextLookAt, warnings, error }: ClusterResult): Report {
  const ended = new Map(outcomes.map(({ gateway, outcome }) => [gatewayId(gateway), outcome]));
  return {
    schema: REPORT_SCHEMA,
    cluster,
    gitVersion: plan?.gitVersion ?? null,
    at: isoSeconds(plan?.at ?? at),
    observedAt: moment(plan?.observedAt),
    settled: plan?.settled ?? null,
    nextCheckAt: moment(earliest(plan?.nextCheckAt ?? null, nextLookAt)),
    error: error === null ? null : { code: error.code, message: error.message },
    warnings: [...(plan?.warnings ?? []), ...warnings],
    gateways: (plan?.decisions ?? []).map((decision) =>
      gatewayReport(decision, ended.get(gatewayId(decision.gateway)) ?? null),
    ),
    advice: plan === null ? [] : adviceOf(plan).map(adviceReport),
  };
}

/** The report on several clusters, in the order they were asked for. */
export function buildFleet(reports: readonly Report[]): FleetReport {
  return { schema: FLEET_SCHEMA, clusters: [...reports] };
}

function gatewayReport(decision: Decision, outcome: Outcome | null): GatewayReport {
  const { gateway, rejections } = decision;
  return {
    namespace: gateway.namespace,
    kind: gateway.kind,
    name: gateway.name,
    version: decision.version,
    verdict: decision.verdict,
    reason: decision.reason,
    message: decision.message,
    action: decision.action,
    urgent: decision.urgent,
    deadline: moment(decision.deadline),
    dueAt: moment(decision.dueAt),
    nextCheckAt: moment(decision.nextCheckAt),
    token: decision.token === null ? null : tokenReport(decision.token),
    rejections: {
      lines: rejections.lines,
      pods: rejections.pods,
      perHour: Math.round(rejections.perHour),
      lastAt: moment(rejections.lastAt),
      covered: rejections.covered,
    },
    blockers: decision.blockers.map(({ reason, message, waived }) => ({ reason, message, waived })),
    lastRestart: lastRestartReport(decision.lastRestart),
    pods: decision.pods.map(podReport),
    warnings: [...decision.warnings],
    outcome: outcome === null ? null : outcomeReport(outcome),
  };
}

const adviceReport = ({ code, message, gateways }: Advice): Report["advice"][number] => ({
  code,
  message,
  gateways: gateways.map(({ namespace, kind, name }) => ({ namespace, kind, name })),
});

function tokenReport({
  source,
  lifetime,
  evidence,
  issuedAt,
  expiresAt,
}: PodToken): NonNullable<GatewayReport["token"]> {
  return {
    source,
    evidence,
    lifetimeSeconds: wholeSeconds(lifetime?.millis),
    lifetimeFrom: lifetime?.from ?? null,
    issuedAt: interval(issuedAt),
    expiresAt: interval(expiresAt),
  };
}

function podReport({ name, startedAt, rejections, token }: PodDecision): PodReport {
  return {
    name,
    startedAt: moment(startedAt),
    rejections: rejections.lines,
    refused: rejections.refused,
    expiresAt: interval(token.expiresAt),
  };
}

function lastRestartReport(last: LastRestart): GatewayReport["lastRestart"] {
  switch (last.state) {
    case "none":
      return null;
    case "unreadable":
      return { at: null, reason: null, cure: null, result: null, lifetimeSeconds: null, unreadable: last.why };
    case "known":
      return {
        at: isoSeconds(last.at),
        reason: last.reason,
        cure: last.cure ?? "restart",
        result: last.result,
        lifetimeSeconds: wholeSeconds(last.lifetime),
        unreadable: null,
      };
  }
}

function outcomeReport({ result, restartedAt, provenAt, message }: Outcome): NonNullable<GatewayReport["outcome"]> {
  return { result, restartedAt: moment(restartedAt), provenAt: moment(provenAt), message };
}

const earliest = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

const moment = (instant: Instant | null | undefined): string | null => (instant == null ? null : isoSeconds(instant));

const interval = (span: Interval | null): IntervalReport | null =>
  span === null ? null : { earliest: isoSeconds(span.earliest), latest: isoSeconds(span.latest) };

/** Rounded down, as the moments are: a lifetime is never claimed to be longer than it is known to be. */
const wholeSeconds = (millis: Millis | null | undefined): number | null =>
  millis == null ? null : Math.floor(millis / SECOND);
