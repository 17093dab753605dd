import type { Outcome } from "../model/outcome.ts";
import { HOUR, type Instant, MINUTE, type Millis } from "../model/time.ts";
import type { GatewayFacts } from "./facts.ts";

/** As for a rollout without progress: a pod that has not been Ready for so long does not become so by itself. */
const LONGEST_ABSENCE: Millis = 10 * MINUTE;

/**
 * A rollout that is over shows its result within minutes. When it has not after so long, something keeps it from ever showing, and
 * no other gateway of the cluster is restarted meanwhile.
 */
const LONGEST_WAIT: Millis = HOUR;

/**
 * What is to be said of a restart that has no result yet, when there is no use in waiting for it.
 *
 * @param orderedAt when the restart was ordered
 * @returns null while the rollout is under way, or the result may still come
 */
export function noResult(facts: GatewayFacts, orderedAt: Instant): Pick<Outcome, "result" | "message"> | null {
  const { gateway, now, rollout } = facts;
  const { available, desired } = gateway.workload.figures;
  if (rollout.state !== "complete") return null;
  const isLate = now - orderedAt >= LONGEST_WAIT;
  if (available < desired) {
    return isLate || now - lastChange(facts, orderedAt) > LONGEST_ABSENCE
      ? { result: "failed", message: `Its rollout is over, and ${available} of ${desired} pods are available.` }
      : null;
  }
  if (!isLate) return null;
  if (!gateway.pods.ok || !gateway.revisions?.ok) {
    return { result: "unproven", message: "Its pods, or the revisions they are of, could not be read." };
  }
  return { result: "unproven", message: "Its rollout is over, and it has left pods that are not new." };
}

/** When a pod was last made, or became or ceased to be Ready. */
function lastChange({ pods }: GatewayFacts, orderedAt: Instant): Instant {
  const moments = pods.flatMap(({ pod: { createdAt, readyChangedAt } }) => [createdAt, readyChangedAt]);
  return Math.max(orderedAt, ...moments.filter((moment) => moment !== null));
}
