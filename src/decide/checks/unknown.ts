import { MINUTE, SECOND } from "../../model/time.ts";
import type { GatewayFacts } from "../facts.ts";
import { type Check, type Finding, namePods } from "./check.ts";

/** Clocks of nodes and API server may differ by this much before a start time makes no sense. */
const CLOCK_TOLERANCE = 2 * MINUTE + 30 * SECOND;

const unknown = (reason: Finding["reason"], message: string): Finding => ({ verdict: "unknown", reason, message });

/** The pods could not be read, so nothing is known about their tokens. */
export const podsUnreadable: Check = ({ gateway: { pods } }) =>
  pods.ok ? null : unknown("PodsUnreadable", `Its pods could not be read: ${pods.failure.message}`);

/** No container can be told to be APISIX. */
export const noApisixContainer: Check = ({ gateway: { workload } }) =>
  workload.template.container !== null
    ? null
    : unknown(
        "NoApisixContainer",
        "No container of the pod template looks like APISIX (image …/apisix or api7-ee-3-gateway, or named apisix or gateway). " +
          "If this is no gateway, narrow gateways.selector.",
      );

/** Replicas are wanted and none runs: an empty list of tokens is not a healthy one. */
export const noPodRunning: Check = ({ gateway: { workload }, running, pods }: GatewayFacts) =>
  workload.figures.desired === 0 || running.length > 0
    ? null
    : unknown(
        "NoPodRunning",
        `${workload.figures.desired} replicas are wanted and none of its ${pods.length} pods runs APISIX. Look at the pods first.`,
      );

/** A start in the future: a clock is wrong, and every age computed from it would be. */
export const startedInFuture: Check = ({ running, observedAt }) => {
  const ahead = running.filter(({ startedAt }) => startedAt > observedAt + CLOCK_TOLERANCE);
  return ahead.length === 0
    ? null
    : unknown(
        "StartedInFuture",
        `The container of ${namePods(ahead)} started later than the API server's clock says it is now: check the time on the nodes.`,
      );
};
