import { type Read, unread } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import { workloadOf } from "../observe/workload.ts";
import type { Cluster } from "../ports.ts";
import { restartPatch } from "../rollout/patch.ts";

/** A controller that writes the status of a busy workload can get in between again and again. */
const MAX_TRIES = 3;

/** Asks what the API server would say to a restart. Nothing is stored, so it is asked again when the workload has changed. */
export async function tryRestart(
  { workloads, dryRunRestarter }: Pick<Cluster, "workloads" | "dryRunRestarter">,
  ref: GatewayRef,
  at: Instant,
): Promise<Read<null>> {
  for (let tries = 1; ; tries++) {
    const fresh = await workloads.workload(ref);
    if (!fresh.ok) return fresh;
    const workload = workloadOf(fresh.value, at);
    if ("missing" in workload) return incomplete(ref, workload.missing);
    const note = { at, reason: "Rehearsal", result: null, lifetime: null };
    const answer = await dryRunRestarter.patch(ref, restartPatch(workload.resourceVersion, note));
    if (answer.ok || answer.failure.code !== "Conflict" || tries === MAX_TRIES) return answer;
  }
}

const incomplete = (ref: GatewayRef, missing: string): Read<null> =>
  unread({
    code: "InvalidAnswer",
    what: `read ${gatewayId(ref)}`,
    message: `The API server gave it without ${missing}.`,
  });
