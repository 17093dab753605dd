import { type Check, namePods } from "./check.ts";

/** A refusal could hide where the logs were not read, so a gateway without proof of the opposite is not called healthy. */
export const logsUnreadable: Check = ({ running }) => {
  const [first, ...rest] = running.flatMap((pod) => (typeof pod.log === "string" ? [] : [{ ...pod, log: pod.log }]));
  return first === undefined
    ? null
    : {
        verdict: "unknown",
        reason: "LogsUnreadable",
        message: `The log of ${namePods([first, ...rest])} could not be read, so a refusal could hide there: ${first.log.message}`,
      };
};

/** The log file was rotated, or so loud that reading stopped. */
export const logsNotCovered: Check = ({ running }) => {
  const loud = running.filter((pod) => pod.log === "not-covered");
  return loud.length === 0
    ? null
    : {
        verdict: "unknown",
        reason: "LogsNotCovered",
        message:
          `The log of ${namePods(loud)} does not reach back two minutes, so a refusal could hide there. The kubelet serves only the ` +
          "current file: raise containerLogMaxSize, or move the access log out of the container's output.",
      };
};
