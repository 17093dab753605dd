import { type Instant, isoSeconds } from "../../../src/model/time.ts";
import type { KubeObject, Pod, PodRef } from "../control-plane/cluster/objects.ts";
import type { Cluster } from "../control-plane/cluster.ts";

/** Makes a pod, and what runs in it, look as if it had been there since then. */
export async function agePod(cluster: Cluster, { namespace, name }: PodRef, since: Instant): Promise<void> {
  const time = isoSeconds(since);
  await cluster.etcd.rewrite<Pod>(`pods/${namespace}/${name}`, (pod) => {
    pod.metadata.creationTimestamp = time;
    if (pod.status.startTime !== undefined) pod.status.startTime = time;
    for (const condition of pod.status.conditions ?? []) condition.lastTransitionTime = time;
    for (const { state } of pod.status.containerStatuses ?? []) if (state.running) state.running.startedAt = time;
  });
}

/** Makes only its containers look as if they had been started then: the pod stays as old as it is. */
export async function ageContainers(cluster: Cluster, { namespace, name }: PodRef, since: Instant): Promise<void> {
  await cluster.etcd.rewrite<Pod>(`pods/${namespace}/${name}`, ({ status }) => {
    for (const { state } of status.containerStatuses ?? [])
      if (state.running) state.running.startedAt = isoSeconds(since);
  });
}

/** Makes a ConfigMap look as if nobody had touched it since then. */
export async function ageConfigMap(cluster: Cluster, { namespace, name }: PodRef, since: Instant): Promise<void> {
  const time = isoSeconds(since);
  await cluster.etcd.rewrite<KubeObject>(`configmaps/${namespace}/${name}`, ({ metadata }) => {
    metadata.creationTimestamp = time;
    for (const entry of (metadata.managedFields ?? []) as { time?: string }[]) entry.time = time;
  });
}
