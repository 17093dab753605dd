import { failedResult, type Target, visitOne } from "./fleet.ts";
import type { ClusterResult } from "./model/decision.ts";
import { GuardError } from "./model/errors.ts";
import type { GatewayScope } from "./model/observation.ts";
import type { Instant } from "./model/time.ts";
import { type GatewayRef, gatewayId } from "./model/workload.ts";
import { askServer } from "./observe/cluster.ts";
import { findGateway, type GatewayName } from "./observe/find-gateway.ts";
import type { Cluster } from "./ports.ts";

export interface OneGatewayOptions {
  readonly scope: GatewayScope;
  /** The guard's own time. */
  readonly now: () => Instant;
}

/**
 * Signs in to a cluster, finds the gateway that somebody named and does some work on it. The other namespaces of the scope are
 * looked at as well: what goes on there can hold a restart back.
 *
 * @returns what is known of that gateway; a failure after it was found is a result
 * @throws GuardError when there is no such gateway, or it cannot be told whether there is
 */
export function withGateway(
  target: Target,
  wanted: GatewayName,
  { scope, now }: OneGatewayOptions,
  work: (cluster: Cluster, gateway: GatewayRef, scope: GatewayScope) => Promise<ClusterResult>,
): Promise<ClusterResult> {
  const wider = including(scope, wanted.namespace);
  const state: { found: GatewayRef | null } = { found: null };
  const visit = async (cluster: Cluster) => {
    const { at } = await askServer(cluster, target.name);
    const found = await findGateway(cluster, wanted, wider, at);
    state.found = found;
    return onlyOf(await work(cluster, found, wider), found);
  };
  return visitOne(target, visit, (failed, error) => {
    // Nothing has been done yet: what was typed is wrong, or there is no way to the cluster.
    if (state.found === null) throw new GuardError(error.code, error.message);
    return failedResult(now)(failed, error);
  });
}

const including = (scope: GatewayScope, namespace: string): GatewayScope => ({
  ...scope,
  namespaces: scope.namespaces.length === 0 ? [] : [...new Set([...scope.namespaces, namespace])],
});

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
