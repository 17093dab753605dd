import { isClaim, RESTART_MEMORY } from "../decide/in-flight.ts";
import { isUrgentReason } from "../decide/outcome.ts";
import { type ClusterResult, type Decision, isCure, type Plan } from "../model/decision.ts";
import type { ClusterSummary, Urgency } from "../model/fleet.ts";
import type { Instant } from "../model/time.ts";
import { gatewayId } from "../model/workload.ts";
import { gatewayExitCode } from "./exit-code.ts";

/** What the fleet needs to know of one look at one cluster. */
export function summarise({ cluster, at, plan, outcomes, error }: ClusterResult): ClusterSummary {
  const decisions = plan?.decisions ?? [];
  const outcomeOf = new Map(outcomes.map(({ gateway, outcome }) => [gatewayId(gateway), outcome]));
  const codes = decisions.map((one) =>
    gatewayExitCode({ ...one, outcome: outcomeOf.get(gatewayId(one.gateway)) ?? null }),
  );
  const results = decisions.flatMap((decision) => resultsOf(decision, plan?.at ?? at));
  return {
    cluster,
    at,
    error,
    gateways: decisions.length,
    verdicts: countVerdicts(decisions),
    attention: codes.filter((code) => code === 2).length,
    urgentBlocked: decisions.filter(isUrgentBlocked).length,
    minLifeLeftPercent: minOf(decisions.flatMap((decision) => lifeLeft(decision, plan?.at ?? at) ?? [])),
    wants: plan === null ? null : wantsOf(plan),
    inFlight: inFlightOf(decisions),
    ended: {
      good: results.filter((result) => result === "renewed" || result === "cured").length,
      bad: results.filter((result) => result === "refused" || result === "failed").length,
    },
  };
}

/** An urgent restart that something holds back: nobody but a person can help. */
export const isUrgentBlocked = ({ action, urgent, blockers }: Decision): boolean =>
  isCure(action) && urgent && blockers.some(({ waived }) => !waived);

function countVerdicts(decisions: readonly Decision[]): ClusterSummary["verdicts"] {
  const counts: Partial<Record<Decision["verdict"], number>> = {};
  for (const { verdict } of decisions) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

/** Of the token that may be refused first. Nothing runs out where no restart is ever due by age, or none would help. */
function lifeLeft({ verdict, dueAt, deadline, token }: Decision, at: Instant): number | null {
  if (verdict === "unfixable" || dueAt === null || deadline === null || !token?.lifetime) return null;
  return Math.min(100, Math.max(0, (100 * (deadline - at)) / token.lifetime.millis));
}

function wantsOf({ decisions, restarts }: Plan): Urgency | null {
  const free = new Set(restarts.map(gatewayId));
  const wanted = decisions.filter(({ gateway }) => free.has(gatewayId(gateway)));
  if (wanted.length === 0) return null;
  return wanted.some(({ urgent }) => urgent) ? "urgent" : "routine";
}

function inFlightOf(decisions: readonly Decision[]): ClusterSummary["inFlight"] {
  const open = decisions.filter(({ restart }) => restart.state !== "none");
  if (open.length === 0) return null;
  const notes = open.flatMap(({ lastRestart }) => (lastRestart.state === "known" ? [lastRestart] : []));
  const urgency: Urgency = notes.some(({ reason }) => isUrgentReason(reason)) ? "urgent" : "routine";
  return { urgency, since: minOf(notes.map(({ at }) => at)) };
}

function resultsOf({ lastRestart }: Decision, at: Instant): readonly string[] {
  if (lastRestart.state !== "known" || lastRestart.result === null || isClaim(lastRestart)) return [];
  return at - lastRestart.at < RESTART_MEMORY ? [lastRestart.result] : [];
}

const minOf = (numbers: readonly number[]): number | null => (numbers.length === 0 ? null : Math.min(...numbers));
