import pLimit from "p-limit";
import type { Action } from "../model/decision.ts";
import type { Cure } from "../model/last-restart.ts";
import type { EvidenceSwitches } from "../model/observation.ts";
import type { Read } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { GatewayRef, Workload } from "../model/workload.ts";
import { observeGateway } from "../observe/gateway.ts";
import { readWorkload } from "../observe/one-workload.ts";
import type { Cluster } from "../ports.ts";
import { orderPatch } from "../rollout/patch.ts";
import { tryReload } from "./reload.ts";

/** A controller that writes the status of a busy workload can get in between again and again. */
const MAX_TRIES = 3;

/** Requests at once. */
const MAX_REQUESTS = 8;

/** Asks what the API server would say to a restart. Nothing is stored, so it is asked again when the workload has changed. */
export async function tryRestart(
  cluster: Pick<Cluster, "workloads" | "dryRunRestarter">,
  ref: GatewayRef,
  at: Instant,
): Promise<Read<null>> {
  const { answer } = await tryOrder(cluster, ref, "restart", at);
  return answer;
}

/** As `tryRestart`, of what was decided: of a reload the note is tried, and in every pod a command that finds nothing to end. */
export async function tryCure(
  cluster: Cluster,
  { gateway: ref, action }: { readonly gateway: GatewayRef; readonly action: Action },
  { at, evidence }: { readonly at: Instant; readonly evidence: EvidenceSwitches },
): Promise<Read<null>> {
  if (action !== "reload") return tryRestart(cluster, ref, at);
  const { answer, workload } = await tryOrder(cluster, ref, action, at);
  if (!answer.ok || workload === null) return answer;
  const gateway = await observeGateway(cluster, workload, {
    evidence: { ...evidence, logs: false },
    at,
    limit: pLimit(MAX_REQUESTS),
  });
  return gateway.pods.ok ? tryReload(cluster.exec, gateway) : gateway.pods;
}

async function tryOrder(
  { workloads, dryRunRestarter }: Pick<Cluster, "workloads" | "dryRunRestarter">,
  ref: GatewayRef,
  cure: Cure,
  at: Instant,
): Promise<{ readonly answer: Read<null>; readonly workload: Workload | null }> {
  for (let tries = 1; ; tries++) {
    const fresh = await readWorkload(workloads, ref, at);
    if (!fresh.ok) return { answer: fresh, workload: null };
    const workload = fresh.value;
    const note = { at, reason: "Rehearsal", cure, result: null, lifetime: null };
    const answer = await dryRunRestarter.patch(ref, orderPatch(workload.resourceVersion, note));
    if (answer.ok || answer.failure.code !== "Conflict" || tries === MAX_TRIES) return { answer, workload };
  }
}
