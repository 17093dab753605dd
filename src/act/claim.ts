import { awaitsResult, CLAIM_REASON } from "../decide/in-flight.ts";
import type { ClusterObservation, GatewayScope } from "../model/observation.ts";
import type { Instant } from "../model/time.ts";
import { gatewayId, type Workload } from "../model/workload.ts";
import { workloadOf } from "../observe/workload.ts";
import type { Cluster, Restarter } from "../ports.ts";
import { type Note, notePatch } from "../rollout/patch.ts";
import { reobserveWorkloads } from "./reobserve.ts";

/** A note that says to other runs: this one is about to restart the gateway. */
export const claimOf = ({ lastRestart }: Workload, at: Instant): Note => ({
  at,
  reason: CLAIM_REASON,
  result: null,
  lifetime: lastRestart.state === "known" ? lastRestart.lifetime : null,
});

/** What was found after a claim was written: the workload to patch, or why not to. */
export type Claimed =
  | { readonly held: true; readonly workload: Workload }
  | { readonly held: false; readonly why: string };

/**
 * Looks at all workloads of the cluster after the claim was written. Of two guards that claim two gateways at the same time, at least
 * the later one sees the claim of the other and gives way; both may.
 */
export async function checkClaim(
  cluster: Cluster,
  seen: ClusterObservation,
  scope: GatewayScope,
  claimed: Workload,
  claim: Note,
): Promise<Claimed> {
  const again = await reobserveWorkloads(cluster, seen, scope);
  if (!again.ok) return { held: false, why: again.failure.message };
  const { at, gateways, unreadKinds } = again.value;
  const [unread] = unreadKinds;
  if (unread !== undefined) return { held: false, why: unread.message };
  const own = gateways.find(({ workload }) => gatewayId(workload) === gatewayId(claimed))?.workload;
  if (own === undefined || !bears(own, claim)) return { held: false, why: "Its note is not the one just written." };
  const rival = gateways.find(({ workload }) => workload !== own && awaitsResult(workload.lastRestart, at));
  return rival === undefined
    ? { held: true, workload: own }
    : { held: false, why: `Another run of the guard is restarting ${gatewayId(rival.workload)}.` };
}

/** The workload as it is now, if nothing but its status has changed under the claim; else null. */
export async function stillClaimed({ workloads }: Cluster, claimed: Workload, claim: Note): Promise<Workload | null> {
  const { kind, namespace, name } = claimed;
  const fresh = await workloads.workload({ kind, namespace, name });
  if (!fresh.ok) return null;
  const current = workloadOf(fresh.value, claim.at);
  if ("missing" in current || current.uid !== claimed.uid || !bears(current, claim)) return null;
  return current.figures.generation === claimed.figures.generation ? current : null;
}

/** Takes a claim back, so that nobody waits for it; when that fails it lapses by itself. */
export async function withdrawClaim(
  { workloads }: Cluster,
  restarter: Restarter,
  { lastRestart, ...ref }: Workload,
  claim: Note,
): Promise<void> {
  const fresh = await workloads.workload(ref);
  if (!fresh.ok) return;
  const current = workloadOf(fresh.value, claim.at);
  if ("missing" in current || !bears(current, claim)) return;
  const before: Note = lastRestart.state === "known" ? lastRestart : { ...claim, result: "deferred" };
  await restarter.patch(ref, notePatch(current.resourceVersion, before));
}

/** Whether this note is what the workload bears. */
const bears = ({ lastRestart }: Workload, { at, reason, result }: Note): boolean =>
  lastRestart.state === "known" &&
  lastRestart.reason === reason &&
  lastRestart.at === at &&
  lastRestart.result === result;
