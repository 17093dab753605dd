import { failedResult, type Target, visitOne } from "../fleet.ts";
import type { ClusterResult } from "../model/decision.ts";
import { GuardError } from "../model/errors.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import { askServer } from "../observe/cluster.ts";
import type { Cluster } from "../ports.ts";
import { refresh } from "../refresh.ts";
import { findGateway, type GatewayName } from "./find-gateway.ts";
import type { HealOptions } from "./live/heal.ts";
import { tellStory } from "./live/told.ts";
import { type Rehearsal, type RehearsalOptions, type RehearsedRestart, rehearse } from "./rehearsal.ts";

/**
 * Restarts one gateway, follows it to its proof and tells the story.
 *
 * @returns what is known of that gateway; a failure after it was found is a result
 * @throws GuardError when there is no such gateway, or it cannot be told whether there is
 */
export function refreshOne(target: Target, wanted: GatewayName, options: HealOptions): Promise<ClusterResult> {
  const { name, settings } = target;
  const { story, now } = options;
  return withGateway(target, wanted, options, (cluster, gateway) => {
    const told = tellStory(cluster, name, story, now);
    const { restarter } = told;
    return refresh(told, gateway, { ...options, name, settings, restarter, stopAt: null, onLook: story.looked });
  });
}

/** Asks the API server what it would do if this gateway were refreshed. Throws as `refreshOne`. */
export async function rehearseOne(target: Target, wanted: GatewayName, options: RehearsalOptions): Promise<Rehearsal> {
  const restarts: RehearsedRestart[] = [];
  const result = await withGateway(target, wanted, options, (cluster, gateway) => {
    const asked = { ...target, settings: { ...target.settings, refresh: gateway } };
    return rehearse(cluster, asked, options, (one) => restarts.push(one));
  });
  return { results: [result], restarts };
}

function withGateway(
  target: Target,
  wanted: GatewayName,
  { scope, now }: RehearsalOptions,
  work: (cluster: Cluster, gateway: GatewayRef) => Promise<ClusterResult>,
): Promise<ClusterResult> {
  const state: { found: GatewayRef | null } = { found: null };
  const visit = async (cluster: Cluster) => {
    const { at } = await askServer(cluster, target.name);
    const found = await findGateway(cluster, wanted, scope, at);
    state.found = found;
    return onlyOf(await work(cluster, found), found);
  };
  return visitOne(target, visit, (failed, error) => {
    // Nothing has been done yet: what was typed is wrong, or there is no way to the cluster.
    if (state.found === null) throw new GuardError(error.code, error.message);
    return failedResult(now)(failed, error);
  });
}

/** The others are not asked about: neither the report nor the exit code speaks of them. */
function onlyOf(result: ClusterResult, gateway: GatewayRef): ClusterResult {
  if (result.plan === null) return result;
  const isIt = (ref: GatewayRef) => gatewayId(ref) === gatewayId(gateway);
  const decisions = result.plan.decisions.filter((decision) => isIt(decision.gateway));
  const gone = {
    code: "NoGatewayFound",
    message: `${gateway.namespace}/${gateway.name} is not there any more.`,
  } as const;
  return {
    ...result,
    plan: { ...result.plan, decisions, restarts: result.plan.restarts.filter(isIt) },
    outcomes: result.outcomes.filter((one) => isIt(one.gateway)),
    error: result.error ?? (decisions.length === 0 ? gone : null),
  };
}
