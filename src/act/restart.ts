import pLimit from "p-limit";
import { planCluster } from "../decide/plan.ts";
import type { Decision } from "../model/decision.ts";
import type { ClusterObservation, EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { Outcome } from "../model/outcome.ts";
import type { DecisionSettings } from "../model/policy.ts";
import type { ReadFailure } from "../model/read.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { restartEvent } from "../report/event.ts";
import { notePatch, restartPatch } from "../rollout/patch.ts";
import { type Announcer, announce } from "./announce.ts";
import { checkClaim, claimOf, stillClaimed, withdrawClaim } from "./claim.ts";
import { reobserve } from "./reobserve.ts";

/** A controller writes the status of a busy workload again and again, and each write moves its resourceVersion on. */
const MAX_TRIES = 3;

/** Requests at once while one gateway is looked at again. */
const MAX_REQUESTS = 8;

export interface ActOptions extends Announcer {
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly settings: DecisionSettings;
}

/**
 * Restarts one gateway: look again, decide again, claim it, look at the others, patch. What changed in between is respected: a patch is
 * sent again only where nothing but the status has moved, and its own claim still stands.
 *
 * @returns null when the restart was accepted, or may have been although the answer was lost: the next look tells
 */
export async function restart(
  cluster: Cluster,
  seen: ClusterObservation,
  ref: GatewayRef,
  options: ActOptions,
): Promise<Outcome | null> {
  const { scope, evidence, settings, restarter } = options;
  const workload = seen.gateways.find((gateway) => gatewayId(gateway.workload) === gatewayId(ref))?.workload;
  if (workload === undefined) return notDone("deferred", "It is not there any more.");
  const again = await reobserve(cluster, seen, workload, { evidence, limit: pLimit(MAX_REQUESTS) });
  if (!again.ok) return notDone("deferred", `It could not be looked at again: ${again.failure.message}`);
  const plan = planCluster(again.value, settings);
  const decision = plan.decisions.find(({ gateway }) => gatewayId(gateway) === gatewayId(ref));
  if (decision === undefined || !plan.restarts.some((free) => gatewayId(free) === gatewayId(ref))) {
    return notDone("deferred", whyNot(decision));
  }
  const current =
    again.value.gateways.find((gateway) => gatewayId(gateway.workload) === gatewayId(ref))?.workload ?? workload;
  const claim = claimOf(current, again.value.at);
  const claimed = await restarter.patch(ref, notePatch(current.resourceVersion, claim));
  if (!claimed.ok) {
    // After a conflict the claim that stands there is somebody else's.
    if (claimed.failure.code !== "Conflict") await withdrawClaim(cluster, restarter, current, claim);
    return notAccepted(claimed.failure);
  }
  const check = await checkClaim(cluster, scope, current, claim);
  if (!check.held) {
    await withdrawClaim(cluster, restarter, current, claim);
    return notDone(check.result, check.why);
  }
  const note = { ...claim, reason: decision.reason, lifetimeIfCured: decision.lifetimeIfCured };
  let ordered = await restarter.patch(ref, restartPatch(check.workload.resourceVersion, note));
  for (let tries = 1; tries < MAX_TRIES && !ordered.ok && ordered.failure.code === "Conflict"; tries++) {
    const fresh = await stillClaimed(cluster, check.workload, claim);
    if (fresh === null) break;
    ordered = await restarter.patch(ref, restartPatch(fresh.resourceVersion, note));
  }
  if (!ordered.ok) {
    const left = await withdrawClaim(cluster, restarter, current, claim);
    if (left === "withdrawn") return notAccepted(ordered.failure);
    if (left === "unknown") return null;
  }
  await announce(options, restartEvent(current, decision, { at: note.at, asked: settings.refresh !== undefined }));
  return null;
}

const notAccepted = ({ code, message }: ReadFailure): Outcome =>
  code === "Conflict"
    ? notDone("conflict", "Somebody changed the workload at the same moment. It is looked at and decided on again.")
    : notDone("deferred", `The restart was not accepted: ${message}`);

const notDone = (result: "deferred" | "conflict", message: string): Outcome => ({
  result,
  restartedAt: null,
  provenAt: null,
  message,
});

function whyNot(decision: Decision | undefined): string {
  if (decision === undefined) return "It is not a gateway any more.";
  const held = decision.blockers.filter(({ waived }) => !waived).map(({ message }) => message);
  if (held.length > 0) return `On a second look: ${held.join(" ")}`;
  return decision.action === "restart"
    ? "On a second look another gateway comes first."
    : `On a second look it is ${decision.verdict}: ${decision.message}`;
}
