import { CLAIM_REASON, mayBeInFlight } from "../decide/in-flight.ts";
import type { GatewayScope } from "../model/observation.ts";
import type { ReadFailure } from "../model/read.ts";
import { type Instant, isoSeconds } from "../model/time.ts";
import { gatewayId, type Workload } from "../model/workload.ts";
import { listWorkloads } from "../observe/list.ts";
import { readWorkload } from "../observe/one-workload.ts";
import type { Cluster, Restarter } from "../ports.ts";
import { type Note, notePatch } from "../rollout/patch.ts";

/** A note that says to other runs: this one is about to restart the gateway. */
export const claimOf = ({ lastRestart }: Workload, at: Instant): Note => ({
  at,
  reason: CLAIM_REASON,
  result: null,
  ...(lastRestart.state === "known"
    ? {
        lifetime: lastRestart.lifetime,
        suspected: lastRestart.suspected,
        reloadFailedAt: lastRestart.reloadFailedAt,
      }
    : { lifetime: null }),
});

/** What was found after a claim was written: the workload to patch, or why not to. */
export type Claimed =
  | { readonly held: true; readonly workload: Workload }
  | { readonly held: false; readonly result: "conflict" | "deferred"; readonly why: string };

/**
 * Looks at all workloads of the cluster after the claim was written. Of two guards that claim two gateways at the same time, at least
 * the later one sees the claim of the other and gives way; both may.
 *
 * @param claimed the workload as it was decided on, before the claim
 */
export async function checkClaim(
  cluster: Cluster,
  scope: GatewayScope,
  claimed: Workload,
  claim: Note,
): Promise<Claimed> {
  // A note of this moment lies in the future of a look that has waited for slow logs.
  const server = await cluster.workloads.server();
  if (!server.ok) return deferred(server.failure);
  const { at } = server.value;
  const { workloads, failures } = await listWorkloads(cluster, scope, at);
  const [unread] = failures;
  if (unread !== undefined) return deferred(unread);
  const own = workloads.find((workload) => gatewayId(workload) === gatewayId(claimed));
  if (own === undefined || !isAsDecided(own, underClaim(claimed), claim)) return conflict("It was changed meanwhile.");
  const rival = workloads.find((workload) => workload !== own && mayBeInFlight(workload, at));
  return rival === undefined
    ? { held: true, workload: own }
    : conflict(`Another run of the guard is restarting ${gatewayId(rival)}.`);
}

const conflict = (why: string): Claimed => ({
  held: false,
  result: "conflict",
  why: `${why} It is looked at and decided on again.`,
});

const deferred = ({ message }: ReadFailure): Claimed => ({
  held: false,
  result: "deferred",
  why: `Whether another run of the guard is restarting a gateway is not known: ${message}`,
});

/** The workload as it is now, if nothing but its status has changed under the claim; else null. */
export async function stillClaimed(cluster: Cluster, claimed: Workload, claim: Note): Promise<Workload | null> {
  const current = await readWorkload(cluster.workloads, claimed, claim.at);
  return current.ok && isAsDecided(current.value, claimed, claim) ? current.value : null;
}

/**
 * Takes a claim back, so that nobody waits for it; when that fails it lapses by itself.
 *
 * @returns `ordered`: the workload bears the note of the restart itself, so the patch was accepted and only its answer was lost;
 * `unknown`: it could not be looked at, or the claim could not be taken back
 */
export async function withdrawClaim(
  cluster: Cluster,
  restarter: Restarter,
  claimed: Workload,
  claim: Note,
): Promise<"withdrawn" | "ordered" | "unknown"> {
  const fresh = await readWorkload(cluster.workloads, claimed, claim.at);
  if (!fresh.ok) return "unknown";
  const current = fresh.value;
  if (!bears(current, claim)) return isOrdered(current, claim) ? "ordered" : "withdrawn";
  const { lastRestart } = claimed;
  const before: Note = lastRestart.state === "known" ? lastRestart : { ...claim, result: "deferred" };
  const answer = await restarter.patch(claimed, notePatch(current.resourceVersion, before));
  return answer.ok ? "withdrawn" : "unknown";
}

/** Whether a workload is still the one that was decided on: only its status, and its note, may have changed. */
const isAsDecided = (current: Workload, decided: Workload, claim: Note): boolean =>
  current.uid === decided.uid &&
  current.figures.generation === decided.figures.generation &&
  current.optedOut === decided.optedOut &&
  bears(current, claim);

/**
 * The same workload when nothing but a claim was written to it. Of a Deployment the API server counts new annotations as a new
 * generation (kubernetes, pkg/registry/apps/deployment/strategy.go, PrepareForUpdate), of the other kinds the spec alone.
 */
const underClaim = (workload: Workload): Workload =>
  workload.kind === "Deployment"
    ? { ...workload, figures: { ...workload.figures, generation: workload.figures.generation + 1 } }
    : workload;

/** Whether this note is what the workload bears. */
const bears = ({ lastRestart }: Workload, { at, reason, result }: Note): boolean =>
  lastRestart.state === "known" &&
  lastRestart.reason === reason &&
  lastRestart.at === at &&
  lastRestart.result === result;

/** The restart bears the moment of its claim; somebody may have overwritten either of its two marks since. */
const isOrdered = ({ lastRestart, template }: Workload, { at, reason }: Note): boolean =>
  template.restartedAt === isoSeconds(at) ||
  (lastRestart.state === "known" && lastRestart.reason !== reason && lastRestart.at === at);
