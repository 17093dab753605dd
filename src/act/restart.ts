import pLimit from "p-limit";
import { freeRestarts, planCluster } from "../decide/plan.ts";
import { type Decision, isCure } from "../model/decision.ts";
import type { ClusterObservation, EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import type { DecisionSettings } from "../model/policy.ts";
import type { ReadFailure, ReadFailureCode } from "../model/read.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { orderEvent } from "../report/event.ts";
import { notePatch, orderPatch } from "../rollout/patch.ts";
import { type Announcer, announce } from "./announce.ts";
import { checkClaim, claimOf, stillClaimed, withdrawClaim } from "./claim.ts";
import { reloadPods } from "./reload.ts";
import { reobserve } from "./reobserve.ts";

/** A controller writes the status of a busy workload again and again, and each write moves its resourceVersion on. */
const MAX_TRIES = 3;

/** Requests at once while one gateway is looked at again. */
const MAX_REQUESTS = 8;

export interface ActOptions extends Announcer {
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly settings: DecisionSettings;
  /** Those that were tried before it in the same look. */
  readonly tried: readonly GatewayRef[];
  /** Asked before each pod of a reload; left out: there is. */
  readonly hasTime?: (() => boolean) | undefined;
}

/** What came of the attempt to restart one gateway. */
export type Attempt =
  /** Accepted, or it may have been although the answer was lost: the next look tells. */
  | { readonly ordered: true }
  | {
      readonly ordered: false;
      readonly outcome: Outcome;
      /** Nothing of it is left on the workload, and nobody else is at work: the next gateway may be tried. */
      readonly over: boolean;
      /** The cause may be gone in seconds. */
      readonly passing: boolean;
    };

/** Refusals of a moment. */
const PASSING: readonly ReadFailureCode[] = ["Throttled", "ServerError", "Unreachable", "Timeout"];

/**
 * Restarts or reloads one gateway: look again, decide again, claim it, look at the others, patch. What changed in between is respected: a patch is
 * sent again only where nothing but the status has moved, and its own claim still stands.
 */
export async function restart(
  cluster: Cluster,
  seen: ClusterObservation,
  ref: GatewayRef,
  options: ActOptions,
): Promise<Attempt> {
  const { scope, evidence, settings, restarter, tried } = options;
  const workload = seen.gateways.find((gateway) => gatewayId(gateway.workload) === gatewayId(ref))?.workload;
  if (workload === undefined) return notDone("deferred", "It is not there any more.");
  const again = await reobserve(cluster, seen, workload, { evidence, limit: pLimit(MAX_REQUESTS) });
  if (!again.ok) return notDone("deferred", `It could not be looked at again: ${again.failure.message}`);
  const plan = planCluster(again.value, settings);
  const decision = plan.decisions.find(({ gateway }) => gatewayId(gateway) === gatewayId(ref));
  const next = freeRestarts(plan.decisions, settings).find((free) => !tried.some(isSame(free)));
  if (decision === undefined || next === undefined || !isSame(ref)(next)) return notDone("deferred", whyNot(decision));
  const observed = again.value.gateways.find((gateway) => gatewayId(gateway.workload) === gatewayId(ref));
  const current = observed?.workload ?? workload;
  // A claim lapses, so its time does not count from before the logs were read.
  const server = await cluster.workloads.server();
  if (!server.ok) return notDone("deferred", `The time could not be asked for: ${server.failure.message}`);
  if (decision.action === "reload" && options.hasTime?.() === false)
    return notDone("deferred", "No time is left for a reload in this run.");
  const claim = claimOf(current, server.value.at);
  const claimed = await restarter.patch(ref, notePatch(current.resourceVersion, claim));
  if (!claimed.ok) {
    // After a conflict the claim that stands there is somebody else's.
    const isTheirs = claimed.failure.code === "Conflict";
    const left = isTheirs ? "withdrawn" : await withdrawClaim(cluster, restarter, current, claim);
    return notAccepted(claimed.failure, left === "withdrawn");
  }
  const check = await checkClaim(cluster, scope, current, claim);
  if (!check.held) {
    const left = await withdrawClaim(cluster, restarter, current, claim);
    return notDone(check.result, check.why, left === "withdrawn");
  }
  const { reason, lifetimeIfCured } = decision;
  const cure = isCure(decision.action) ? decision.action : "restart";
  const note = { ...claim, reason, cure, lifetimeIfCured };
  let ordered = await restarter.patch(ref, orderPatch(check.workload.resourceVersion, note));
  for (let tries = 1; tries < MAX_TRIES && !ordered.ok && ordered.failure.code === "Conflict"; tries++) {
    const fresh = await stillClaimed(cluster, check.workload, claim);
    if (fresh === null) break;
    ordered = await restarter.patch(ref, orderPatch(fresh.resourceVersion, note));
  }
  if (!ordered.ok) {
    const left = await withdrawClaim(cluster, restarter, current, claim);
    if (left === "withdrawn") return notAccepted(ordered.failure, true);
    if (left === "unknown") return { ordered: true };
  }
  await announce(options, orderEvent(current, decision, { cure, at: note.at, asked: settings.refresh !== undefined }));
  if (cure === "reload" && observed !== undefined) await reloadPods(cluster, observed, note.at, options);
  return { ordered: true };
}

const isSame =
  (one: GatewayRef) =>
  (other: GatewayRef): boolean =>
    gatewayId(one) === gatewayId(other);

const notAccepted = ({ code, message }: ReadFailure, withdrawn: boolean): Attempt =>
  code === "Conflict"
    ? notDone("conflict", "Somebody changed the workload at the same moment. It is looked at and decided on again.")
    : {
        ...notDone("deferred", `The restart was not accepted: ${message}`, withdrawn),
        passing: PASSING.includes(code),
      };

const notDone = (
  result: "deferred" | "conflict",
  message: string,
  withdrawn = true,
): Extract<Attempt, { ordered: false }> => ({
  ordered: false,
  outcome: { result, restartedAt: null, provenAt: null, message },
  over: withdrawn && result === "deferred",
  passing: false,
});

function whyNot(decision: Decision | undefined): string {
  if (decision === undefined) return "It is not a gateway any more.";
  const held = decision.blockers.filter(({ waived }) => !waived).map(({ message }) => message);
  if (held.length > 0) return `On a second look: ${held.join(" ")}`;
  return isCure(decision.action)
    ? "On a second look another gateway comes first."
    : `On a second look it is ${decision.verdict}: ${decision.message}`;
}
