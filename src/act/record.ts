import { afterCure } from "../decide/confirmed.ts";
import { failedReloadAfter } from "../decide/last-reload.ts";
import type { ClusterObservation } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import { resultEvent } from "../report/event.ts";
import { notePatch } from "../rollout/patch.ts";
import { type Announcer, announce } from "./announce.ts";

/**
 * Writes the result of a restart beside the restart, for every later run. When that fails nothing is lost: the next look finds the
 * same result in the same objects. `conflict` is usual there: a controller writes the end of its rollout into the status at the
 * moment at which the guard sees that end. Whoever has written it announces it.
 */
export async function record(
  announcer: Announcer,
  seen: ClusterObservation,
  ref: GatewayRef,
  outcome: Outcome,
): Promise<"written" | "conflict" | "failed"> {
  const workload = seen.gateways.find((gateway) => gatewayId(gateway.workload) === gatewayId(ref))?.workload;
  if (workload?.lastRestart.state !== "known") return "failed";
  const { at, reason, cure, lifetime, suspected } = workload.lastRestart;
  const reloadFailedAt = failedReloadAfter(workload.lastRestart, outcome);
  const { result } = outcome;
  const learned = result === "cured" ? afterCure(workload.lastRestart, seen) : { lifetime, suspected };
  const answer = await announcer.restarter.patch(
    ref,
    notePatch(workload.resourceVersion, { at, reason, cure, result, ...learned, reloadFailedAt }),
  );
  if (answer.ok) {
    await announce(announcer, resultEvent(workload, outcome));
    return "written";
  }
  return answer.failure.code === "Conflict" ? "conflict" : "failed";
}
