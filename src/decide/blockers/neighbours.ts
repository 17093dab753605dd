import type { Workload } from "../../model/workload.ts";
import { gatewayId } from "../../model/workload.ts";
import type { GatewayFacts } from "../facts.ts";
import { awaitsResult, isClaim, LONGEST_CLAIM, mayBeInFlight, RESTART_MEMORY } from "../in-flight.ts";
import { wasDone } from "../last-reload.ts";
import { type BlockerRule, blocker } from "./blocker.ts";

/** One gateway of a cluster at a time: a mistake then costs one gateway, not all of them. */
export const oneAtATime: BlockerRule = ({ facts, others, unread: [unread] }) => {
  const own = facts.gateway.workload.lastRestart;
  if (own.state === "known" && isClaim(own) && awaitsResult(own, facts.now)) {
    return blocker(
      "OneAtATime",
      facts.now - own.at < LONGEST_CLAIM
        ? "Another run of the guard is about to restart it."
        : "A run of the guard that was about to restart it was stopped; that is noted first.",
    );
  }
  const other = others.find(({ gateway }) => mayBeInFlight(gateway.workload, facts.now));
  if (other !== undefined) return blocker("OneAtATime", `${nameOf(other)} ${inFlightAs(other.gateway.workload)}`);
  return unread === undefined
    ? null
    : blocker("OneAtATime", `Whether another gateway is being restarted is not known: ${unread.message}`);
};

function inFlightAs({ lastRestart }: Workload): string {
  if (lastRestart.state === "unreadable")
    return "is not complete, was restarted in the last day, and whether by the guard cannot be read.";
  return isClaim(lastRestart)
    ? "is about to be restarted by another run of the guard."
    : `was ${wasDone(lastRestart)} and its result is not known yet.`;
}

/** A restart that did not help one gateway of this cluster will not help the next. */
export const canaryNotCured: BlockerRule = ({ facts, others }) => {
  const sick = others.find((other) => wasNotCured(other, facts.now));
  return sick === undefined
    ? null
    : blocker(
        "CanaryNotCured",
        `${nameOf(sick)} was ${wasDone(sick.gateway.workload.lastRestart)} in the last day and is refused or failed. Look at it first; refresh still acts.`,
      );
};

function wasNotCured({ gateway: { workload }, refused, rollout }: GatewayFacts, now: number): boolean {
  const last = workload.lastRestart;
  if (last.state !== "known" || isClaim(last) || now - last.at >= RESTART_MEMORY) return false;
  const sick = last.result === "refused" || last.result === "failed";
  // Refusals of pods that the restart has not replaced yet are what it is about to cure.
  return sick || rollout.state === "failed" || (refused.length > 0 && rollout.state === "complete");
}

const nameOf = ({ gateway: { workload } }: GatewayFacts): string => gatewayId(workload);
