import type { OutcomeResult } from "../../model/last-restart.ts";
import { isoSeconds } from "../../model/time.ts";
import { ageing } from "../checks/age.ts";
import { namePods } from "../checks/check.ts";
import type { GatewayFacts, RunningPod } from "../facts.ts";
import { isClaim, lastRestartAt, RESTART_MEMORY } from "../in-flight.ts";
import { isReload } from "../last-reload.ts";
import { restartProgress } from "../outcome.ts";
import { type BlockerRule, blocker } from "./blocker.ts";

/** What to do first, so that the next restart does not end as the last one did. */
const TO_DO: Readonly<Partial<Record<OutcomeResult, string>>> = {
  failed: "Look at its new pods first",
  refused: "Look at the ServiceAccount, the token's audience and the clocks first",
  reverted: "Let whoever owns its pod template leave restartedAt alone first",
  unproven: "Look at its pods and their logs first",
};

/**
 * What the last restart of this gateway did not help, the next will not help either. Pods that are due again although they are newer
 * than that restart need another one all the same: tokens may live for less than a day.
 */
export const lastRestartFailed: BlockerRule = ({ facts, cure }) => {
  const at = lastRestartAt(facts.gateway.workload);
  if (at === null) return null;
  const needing = inNeed(facts);
  const isLeft = ({ pod }: RunningPod): boolean => pod.createdAt === null || pod.createdAt < at;
  const keeps = cure === "restart" && keepsPods(facts) && !isReload(facts.gateway.workload.lastRestart);
  if (keeps && needing.length > 0 && needing.every(isLeft)) {
    return blocker(
      "LastRestartFailed",
      `It was restarted at ${isoSeconds(at)} and its update strategy kept ${namePods(needing)}. Another restart would keep the same: only ` +
        "kubectl delete pod replaces them.",
    );
  }
  const result = resultOf(facts);
  const todo = result === null ? undefined : TO_DO[result];
  if (todo === undefined || facts.now - at >= RESTART_MEMORY) return null;
  const isUnhelped = (pod: RunningPod): boolean => (isLeft(pod) ? !keeps : pod.rejections.refused);
  return needing.some(isUnhelped)
    ? blocker(
        "LastRestartFailed",
        `It was restarted at ${isoSeconds(at)} and that ended ${result}. ${todo}; refresh still acts.`,
      )
    : null;
};

/** With OnDelete, and below a partition, pods outlive a restart until somebody deletes them. */
const keepsPods = ({ gateway: { workload } }: GatewayFacts): boolean =>
  workload.figures.strategy === "OnDelete" || workload.figures.partition > 0;

/** The pods for whose sake it would be restarted. */
const inNeed = (facts: GatewayFacts): readonly RunningPod[] => {
  const old = ageing(facts).filter(({ times }) => facts.now >= Math.min(times.dueAt, times.urgentAt));
  return [...facts.refused, ...old.filter(({ rejections }) => !rejections.refused)];
};

/** How the last restart ended; null: not yet, or there was none. */
function resultOf(facts: GatewayFacts): OutcomeResult | null {
  const last = facts.gateway.workload.lastRestart;
  // What a reload was no cure for, a restart may well be.
  if (last.state !== "known" || isClaim(last) || isReload(last)) return null;
  const progress = restartProgress(facts);
  return progress.state === "ended" ? progress.outcome.result : last.result;
}
