import type { ClusterObservation } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import type { Restarter } from "../ports.ts";
import { notePatch } from "../rollout/patch.ts";

/**
 * Writes the result of a restart beside the restart, for every later run. When that fails nothing is lost: the next look finds the
 * same result in the same objects. `conflict` is usual there: a controller writes the end of its rollout into the status at the
 * moment at which the guard sees that end.
 */
export async function record(
  restarter: Restarter,
  seen: ClusterObservation,
  ref: GatewayRef,
  { result }: Outcome,
): Promise<"written" | "conflict" | "failed"> {
  const workload = seen.gateways.find((gateway) => gatewayId(gateway.workload) === gatewayId(ref))?.workload;
  if (workload?.lastRestart.state !== "known") return "failed";
  const { at, reason, lifetime } = workload.lastRestart;
  const answer = await restarter.patch(ref, notePatch(workload.resourceVersion, { at, reason, result, lifetime }));
  if (answer.ok) return "written";
  return answer.failure.code === "Conflict" ? "conflict" : "failed";
}
