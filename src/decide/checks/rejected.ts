import { formatDuration } from "../../model/duration.ts";
import { type Check, namePods } from "./check.ts";

/** The API server refuses the token in memory now. */
export const tokenRefused: Check = ({ refused, running, observedAt }) => {
  if (refused.length === 0) return null;
  const lines = refused.reduce((sum, { rejections }) => sum + rejections.lines, 0);
  const newest = Math.max(...refused.map(({ rejections }) => rejections.lastAt ?? 0));
  return {
    verdict: "rejected",
    reason: "TokenRefused",
    message:
      `The API server refuses the token of ${refused.length} of ${running.length} pods (${namePods(refused)}): ${lines} refusals in ` +
      `the last two minutes, the newest ${formatDuration(observedAt - newest)} ago. Its endpoints are frozen at what it last saw.`,
  };
};
