import type { ClusterResult, Decision } from "../model/decision.ts";
import type { OutcomeResult } from "../model/last-restart.ts";
import type { News } from "../model/news.ts";
import type { Outcome } from "../model/outcome.ts";
import { isoSeconds } from "../model/time.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import { printable } from "./printable.ts";

/** News with a name of its own, so that it is told once however often it is seen. */
export interface NamedNews extends News {
  readonly key: string;
}

/** What a look brought about, or brought to light, that people should hear of: restarts and what came of them. */
export function newsOf({ cluster, plan, outcomes }: ClusterResult): readonly NamedNews[] {
  const notStarted = new Set(
    outcomes.filter(({ outcome }) => outcome.restartedAt === null).map(({ gateway }) => gatewayId(gateway)),
  );
  const begun = (plan?.restarts ?? []).filter((ref) => !notStarted.has(gatewayId(ref)));
  return [
    ...begun.flatMap((ref) => {
      const decision = plan?.decisions.find(({ gateway }) => gatewayId(gateway) === gatewayId(ref));
      return decision === undefined ? [] : [ordered(cluster, decision)];
    }),
    ...outcomes.flatMap(({ gateway, outcome }) => ended(cluster, gateway, outcome) ?? []),
  ];
}

const RESTART = { doing: "restarting", done: "every pod is new and its log has been clean for the proof period" };
const RELOAD = {
  doing: "reloading the token of",
  done: "every pod has read its token again and its log has been clean for the proof period",
};

function ordered(cluster: string, { gateway, action, reason, message, lastRestart }: Decision): NamedNews {
  const before = lastRestart.state === "known" ? lastRestart.at : null;
  const { doing, done } = action === "reload" ? RELOAD : RESTART;
  return {
    key: `${gatewayId(gateway)} restart after ${before}`,
    subject: `apisix-token-guard: ${doing} ${nameOf(gateway)} in ${cluster}`,
    text: text([
      `${gatewayId(gateway)} of cluster ${cluster} is ${action === "reload" ? "having its token reloaded" : "being restarted"}: ${message}`,
      `Nothing is to be done. Its result follows when ${done}.`,
      runbook(reason),
    ]),
  };
}

const TO_DO: Readonly<Partial<Record<OutcomeResult, string>>> = {
  renewed: "Nothing is to be done.",
  cured: "Nothing is to be done.",
  refused:
    "A restart is not the cure. Look at the ServiceAccount, the token's audience and the clocks; no other gateway of this cluster is restarted meanwhile.",
  failed:
    "Look at its new pods (kubectl describe pod); mend or roll back the rollout. No other gateway of this cluster is restarted meanwhile.",
  reverted:
    "Find out which controller owns the pod template and took the mark away; let it leave kubectl.kubernetes.io/restartedAt alone.",
  unproven: "Look into the logs of its new pods yourself: they could not be read.",
};

/** Of a reload. */
const TO_DO_AFTER_RELOAD: typeof TO_DO = {
  renewed: "Nothing is to be done.",
  refused:
    "The gateway is restarted next, unless something holds that back; no other gateway of this cluster is touched meanwhile.",
  unproven:
    "The gateway is restarted next, unless something holds that back. The report of the run that ordered the reload names the reason.",
};

/** A restart that did not take place is no news: the verdict stands in the report, and the alarms watch it. */
function ended(
  cluster: string,
  gateway: GatewayRef,
  { result, cure = "restart", restartedAt, message }: Outcome,
): NamedNews | null {
  const todo = (cure === "reload" ? TO_DO_AFTER_RELOAD : TO_DO)[result];
  if (todo === undefined || restartedAt === null) return null;
  return {
    key: `${gatewayId(gateway)} ${result} ${restartedAt}`,
    subject: `apisix-token-guard: ${result}: ${nameOf(gateway)} in ${cluster}`,
    text: text([
      `${gatewayId(gateway)} of cluster ${cluster}, ${cure}ed at ${isoSeconds(restartedAt)}: ${result}. ${message}`,
      todo,
      runbook(result),
    ]),
  };
}

const nameOf = ({ namespace, name }: GatewayRef): string => `${namespace}/${name}`;

const text = (lines: readonly string[]): string => lines.map((line) => printable(line, 2_000)).join("\n\n");

const runbook = (word: string): string => `Runbook: docs/runbook.md#${word.toLowerCase()}`;
