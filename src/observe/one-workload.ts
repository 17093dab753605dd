import { type Read, read, unread } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import { type GatewayRef, gatewayId, type Workload } from "../model/workload.ts";
import type { Workloads } from "../ports.ts";
import { workloadOf } from "./workload.ts";

/**
 * One workload as it is now. An answer that can be none is a failure, like no answer.
 *
 * @param now the API server's time, as for `workloadOf`
 */
export async function readWorkload(
  workloads: Workloads,
  { kind, namespace, name }: GatewayRef,
  now: Instant,
): Promise<Read<Workload>> {
  const ref = { kind, namespace, name };
  const fresh = await workloads.workload(ref);
  if (!fresh.ok) return fresh;
  const workload = workloadOf(fresh.value, now);
  if (!("missing" in workload)) return read(workload);
  return unread({
    code: "InvalidAnswer",
    what: `read ${gatewayId(ref)}`,
    message: `The API server gave it without ${workload.missing}.`,
  });
}
