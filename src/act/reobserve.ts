import type { LimitFunction } from "p-limit";
import type { ClusterObservation, EvidenceSwitches } from "../model/observation.ts";
import type { Read } from "../model/read.ts";
import { read, unread } from "../model/read.ts";
import { gatewayId, type Workload } from "../model/workload.ts";
import { observeGateway } from "../observe/gateway.ts";
import { workloadOf } from "../observe/workload.ts";
import type { Cluster } from "../ports.ts";

/**
 * Looks at one gateway again, right before it is restarted: pods and logs first, the workload last, so that the resourceVersion
 * the patch rests on is younger than everything the decision rests on.
 */
export async function reobserve(
  cluster: Cluster,
  seen: ClusterObservation,
  workload: Workload,
  { evidence, limit }: { evidence: EvidenceSwitches; limit: LimitFunction },
): Promise<Read<ClusterObservation>> {
  const server = await cluster.workloads.server();
  if (!server.ok) return server;
  const { at } = server.value;
  const again = await observeGateway(cluster, workload, { evidence, at, limit });
  const fresh = await cluster.workloads.workload(workload);
  if (!fresh.ok) return fresh;
  const current = workloadOf(fresh.value, at);
  if ("missing" in current || current.uid !== workload.uid) {
    return unread({
      code: "NotFound",
      what: `read ${gatewayId(workload)}`,
      message: `${gatewayId(workload)} was replaced while it was looked at.`,
    });
  }
  const gateways = seen.gateways.map((gateway) =>
    gatewayId(gateway.workload) === gatewayId(workload)
      ? { ...again, workload: current, mayDiscover: gateway.mayDiscover, accountCreatedAt: gateway.accountCreatedAt }
      : gateway,
  );
  return read({ ...seen, at, gateways });
}
