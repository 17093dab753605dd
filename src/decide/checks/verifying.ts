import { isoSeconds } from "../../model/time.ts";
import { awaitsResult, isClaim } from "../in-flight.ts";
import { wasDone } from "../last-reload.ts";
import type { Check } from "./check.ts";

/** A restart of ours is done or under way and its result is not known yet. */
export const awaitingProof: Check = ({ gateway: { workload }, now }) => {
  const last = workload.lastRestart;
  return last.state === "known" && !isClaim(last) && awaitsResult(last, now)
    ? {
        verdict: "verifying",
        reason: "AwaitingProof",
        message: `It was ${wasDone(last)} at ${isoSeconds(last.at)}; the proof that its new token is accepted is still to come.`,
      }
    : null;
};
