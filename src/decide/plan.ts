import { type Decision, isCure, type Plan } from "../model/decision.ts";
import type { ClusterObservation } from "../model/observation.ts";
import type { DecisionSettings } from "../model/policy.ts";
import type { Instant } from "../model/time.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import { auditWarnings } from "./audit-warnings.ts";
import { skewWarning } from "./clock-skew.ts";
import { decide } from "./decide.ts";
import { factsOf } from "./facts.ts";

/**
 * What should be done in a cluster. Rests on the observation, the policy and one moment, so the same input gives the same plan.
 *
 * @param now the moment to decide for; the moment of the observation, unless somebody asks what will be due at another
 */
export function planCluster(
  observation: ClusterObservation,
  settings: DecisionSettings,
  now: Instant = observation.at,
): Plan {
  const all = observation.gateways
    .map((gateway) => factsOf(gateway, observation, settings, now))
    .sort((a, b) => byName(a.gateway.workload, b.gateway.workload));
  const decisions = all
    .map((facts) => decide(facts, { others: all.filter((other) => other !== facts), unread: observation.unreadKinds }))
    .sort(byUrgency);
  const free = freeRestarts(decisions, settings);
  const coming = decisions.flatMap(({ nextCheckAt }) => (nextCheckAt === null ? [] : [nextCheckAt]));
  return {
    cluster: observation.cluster,
    gitVersion: observation.gitVersion,
    at: now,
    observedAt: observation.at,
    decisions,
    restarts: free.slice(0, 1),
    settled: free.length === 0 && decisions.every(({ restart }) => restart.state === "none"),
    nextCheckAt: coming.length === 0 ? null : Math.min(...coming),
    warnings: [...warningsOf(observation), ...auditWarnings(observation, all)],
  };
}

/** The restarts that nothing holds back, in the order in which they are tried until one is ordered. */
export const freeRestarts = (decisions: readonly Decision[], settings: DecisionSettings): readonly GatewayRef[] =>
  decisions.filter((decision) => isFree(decision) && isAskedFor(decision, settings)).map(({ gateway }) => gateway);

const isFree = ({ action, blockers }: Decision): boolean => isCure(action) && blockers.every(({ waived }) => waived);

/** Whoever asks for one gateway by name means that one only. */
const isAskedFor = ({ gateway }: Decision, { refresh }: DecisionSettings): boolean =>
  refresh === undefined || gatewayId(refresh) === gatewayId(gateway);

/**
 * Refused gateways first, then the nearest deadline: the order in which they are restarted and shown. Among equals they stay in the
 * order of their names, in which they come.
 */
function byUrgency(a: Decision, b: Decision): number {
  const rejected = Number(b.verdict === "rejected") - Number(a.verdict === "rejected");
  if (rejected !== 0) return rejected;
  const left = a.deadline ?? Number.POSITIVE_INFINITY;
  const right = b.deadline ?? Number.POSITIVE_INFINITY;
  return Number(left > right) - Number(left < right);
}

const byName = (a: GatewayRef, b: GatewayRef): number => (gatewayId(a) < gatewayId(b) ? -1 : 1);

function warningsOf({ clockSkew, unsupported }: ClusterObservation): readonly string[] {
  const warnings = unsupported.map(
    ({ namespace, kind, name }) =>
      `${namespace}/${kind}/${name} matches the selector and is not supported: restart it by its own means.`,
  );
  const skew = skewWarning(clockSkew);
  if (skew !== null) warnings.push(skew);
  return warnings;
}
