import { RESTARTED_AT_ANNOTATION } from "../../../src/model/annotations.ts";
import type { WorkloadKind } from "../../../src/model/workload.ts";
import type { KubeObject } from "../control-plane/cluster/objects.ts";
import { waitFor } from "../control-plane/cluster/wait.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import {
  type GatewayOptions,
  gatewayDaemonSet,
  gatewayDeployment,
  gatewayStatefulSet,
} from "../control-plane/manifests.ts";

export const PLURALS = { Deployment: "deployments", DaemonSet: "daemonsets", StatefulSet: "statefulsets" } as const;

const MANIFESTS = { Deployment: gatewayDeployment, DaemonSet: gatewayDaemonSet, StatefulSet: gatewayStatefulSet };

export const workloadPath = (kind: WorkloadKind, namespace: string, name: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/${PLURALS[kind]}/${name}`;

/** A restart long ago, and a few things besides that somebody might want to take away. */
const TEMPLATE_METADATA = {
  labels: { tier: "edge" },
  annotations: { [RESTARTED_AT_ANNOTATION]: "2026-01-01T00:00:00Z" },
};

/** A gateway without pods, whose patches therefore cost nothing. Resolves to its path when its controller has seen it. */
export async function createWorkload(cluster: Cluster, kind: WorkloadKind, place: GatewayOptions): Promise<string> {
  const template = {
    metadata: TEMPLATE_METADATA,
    spec: kind === "DaemonSet" ? { nodeSelector: { "kubernetes.io/hostname": "nowhere" } } : {},
  };
  const annotations = { "example.com/owner": "edge", "apisix-token-guard/skip": "true" };
  await cluster.apply(
    MANIFESTS[kind]({ annotations, labels: { tier: "edge" }, ...place, replicas: 0, spec: { template } }),
  );
  const path = workloadPath(kind, place.namespace, place.name);
  await waitFor(`the controller to see ${path}`, async () => {
    const { metadata, status } = await cluster.api.get<KubeObject>(path);
    return status?.observedGeneration === metadata.generation;
  });
  return path;
}

/** What somebody may have changed: everything but the bookkeeping of the API server and the controllers. */
export async function contentOf(cluster: Cluster, path: string): Promise<Pick<KubeObject, "metadata" | "spec">> {
  const { metadata, spec } = await cluster.api.get<KubeObject>(path);
  const { resourceVersion: _, managedFields: __, annotations, ...kept } = metadata;
  const { "deployment.kubernetes.io/revision": ___, ...others } = annotations ?? {};
  return { metadata: { ...kept, annotations: others }, spec };
}
