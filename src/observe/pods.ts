import { findApisixContainer } from "../evidence/apisix-container.ts";
import { tokenSourceOf } from "../evidence/token-volume.ts";
import type { GatewayConfig } from "../model/discovery.ts";
import type { KubePod } from "../model/kubernetes.ts";
import type { GatewayPod, PodContainer } from "../model/pod.ts";
import type { Workload } from "../model/workload.ts";
import { instantOf } from "./instant.ts";

/**
 * The current pods of a workload: owned by it, not terminating, Pending or Running. Without their logs.
 *
 * A Deployment owns its pods through a ReplicaSet that bears its name and the pods' own hash (deployment controller,
 * getNewReplicaSet), which tells them from pods of another owner without a request for the ReplicaSets.
 */
export function podsOf(workload: Workload, pods: readonly KubePod[], config: GatewayConfig | null): GatewayPod[] {
  return pods
    .filter((pod) => owns(workload, pod) && isCurrent(pod))
    .map((pod) => podOf(pod, config))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function owns({ kind, name, uid }: Workload, { metadata }: KubePod): boolean {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (kind !== "Deployment") return owner?.uid === uid;
  const hash = metadata?.labels?.["pod-template-hash"];
  return owner?.kind === "ReplicaSet" && hash !== undefined && owner.name === `${name}-${hash}`;
}

const isCurrent = ({ metadata, status }: KubePod): boolean =>
  metadata?.deletionTimestamp == null && (status?.phase === "Pending" || status?.phase === "Running");

function podOf(pod: KubePod, config: GatewayConfig | null): GatewayPod {
  const { metadata = {}, spec = {}, status = {} } = pod;
  const container = findApisixContainer(spec.containers ?? []);
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return {
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    createdAt: instantOf(metadata.creationTimestamp),
    startTime: instantOf(status.startTime),
    revision: metadata.labels?.["pod-template-hash"] ?? metadata.labels?.["controller-revision-hash"] ?? null,
    node: spec.nodeName ?? null,
    nodeReady: null,
    ready: ready?.status === "True",
    readyChangedAt: instantOf(ready?.lastTransitionTime),
    container: container === null ? null : containerOf(pod, container),
    sharesProcesses: spec.shareProcessNamespace === true || spec.hostPID === true,
    token:
      container === null
        ? { kind: "unknown", why: "No container of this pod looks like APISIX." }
        : tokenSourceOf(spec, container.name, config),
    log: null,
    probe: null,
  };
}

function containerOf({ status }: KubePod, { name, image }: { name: string; image: string }): PodContainer {
  const seen = status?.containerStatuses?.find((candidate) => candidate.name === name);
  return {
    name,
    image,
    startedAt: instantOf(seen?.state?.running?.startedAt),
    restartCount: seen?.restartCount ?? 0,
  };
}
