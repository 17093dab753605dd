import type { EventReason } from "../../../src/model/event.ts";
import type { GatewayRef } from "../../../src/model/workload.ts";
import type { KubeObject } from "../control-plane/cluster/objects.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { workloadPath } from "./workloads.ts";

/** An Event of core/v1, as far as people see it. */
export interface KubeEvent {
  readonly metadata: { readonly name: string };
  readonly involvedObject: Readonly<Record<string, string>>;
  readonly type: "Normal" | "Warning";
  readonly reason: EventReason;
  readonly action: string;
  readonly message: string;
  readonly firstTimestamp: string;
  readonly source: { readonly component: string };
}

/** What the guard has left beside a workload, found as `kubectl describe` finds it (client-go EventExpansion.Search). */
export async function guardEventsOf(cluster: Cluster, ref: GatewayRef): Promise<readonly KubeEvent[]> {
  const { kind, namespace, name } = ref;
  const { metadata } = await cluster.api.get<KubeObject>(workloadPath(kind, namespace, name));
  const fieldSelector = [
    `involvedObject.name=${name}`,
    `involvedObject.namespace=${namespace}`,
    `involvedObject.kind=${kind}`,
    `involvedObject.uid=${metadata.uid}`,
  ].join();
  const query = new URLSearchParams({ fieldSelector });
  const { items } = await cluster.api.get<{ items: KubeEvent[] }>(`/api/v1/namespaces/${namespace}/events?${query}`);
  return items.filter(({ source }) => source.component === "apisix-token-guard");
}
