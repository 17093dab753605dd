import { isCure, type Plan } from "../model/decision.ts";
import type { ClusterObservation, GatewayObservation } from "../model/observation.ts";
import { read } from "../model/read.ts";
import { gatewayId } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { instantOf } from "./instant.ts";

/**
 * Asks, for the gateways that something is to be done to, whether their ServiceAccount may list what the informer lists. Not asked for the
 * others: it costs two requests each and says nothing about a running gateway.
 */
export async function observeAccess(
  cluster: Cluster,
  observation: ClusterObservation,
  plan: Plan,
): Promise<ClusterObservation> {
  const concerned = new Set(
    plan.decisions.filter(({ action }) => isCure(action)).map(({ gateway }) => gatewayId(gateway)),
  );
  const gateways = await Promise.all(
    observation.gateways.map((gateway) =>
      concerned.has(gatewayId(gateway.workload)) ? withAccess(cluster, gateway) : gateway,
    ),
  );
  return { ...observation, gateways };
}

async function withAccess(cluster: Cluster, gateway: GatewayObservation): Promise<GatewayObservation> {
  const { namespace, template } = gateway.workload;
  const subject = { namespace, serviceAccount: template.serviceAccount };
  // The review answers for a name: it still says "allowed" of a ServiceAccount that was deleted while its binding stands.
  const account = await cluster.workloads.serviceAccount(namespace, template.serviceAccount);
  if (!account.ok) {
    return { ...gateway, mayDiscover: account.failure.code === "NotFound" ? read("no-account") : account };
  }
  const answer = await cluster.access.mayList(subject, "endpoints");
  const accountCreatedAt = instantOf(account.value.metadata?.creationTimestamp);
  return { ...gateway, accountCreatedAt, mayDiscover: answer.ok ? read(answer.value ? "allowed" : "denied") : answer };
}
