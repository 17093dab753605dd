import { findApisixContainer } from "../evidence/apisix-container.ts";
import { mountedConfigMaps } from "../evidence/discovery-config.ts";
import { parseLastRestart } from "../evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION, SKIP_ANNOTATION } from "../model/annotations.ts";
import type {
  KubeDaemonSet,
  KubeDeployment,
  KubeObject,
  KubePodTemplate,
  KubeStatefulSet,
  KubeWorkload,
} from "../model/kubernetes.ts";
import type { Instant } from "../model/time.ts";
import type { RolloutFigures, Workload, WorkloadTemplate } from "../model/workload.ts";
import { selectorText } from "./selector.ts";

/**
 * Turns an API object into a workload.
 *
 * @param now the API server's time, to tell a plausible last-restart from one in the future
 * @returns the name of what is missing when the object cannot be a workload of a working API server
 */
export function workloadOf(source: KubeWorkload, now: Instant): Workload | { readonly missing: string } {
  const { kind, object } = source;
  const { name, namespace, uid, resourceVersion, annotations } = object.metadata ?? {};
  const podSelector = selectorText(object.spec?.selector);
  if (!name || !namespace) return { missing: "metadata.name or metadata.namespace" };
  if (!uid || !resourceVersion)
    return { missing: `metadata.uid or metadata.resourceVersion of ${namespace}/${kind}/${name}` };
  if (podSelector === null) return { missing: `a usable spec.selector of ${namespace}/${kind}/${name}` };
  return {
    kind,
    namespace,
    name,
    uid,
    resourceVersion,
    podSelector,
    optedOut: (annotations?.[SKIP_ANNOTATION] ?? "false") !== "false",
    lastRestart: parseLastRestart(annotations?.[LAST_RESTART_ANNOTATION], now),
    template: templateOf(object.spec?.template),
    figures: figuresOf(source),
  };
}

function templateOf(template: KubePodTemplate | undefined): WorkloadTemplate {
  const spec = template?.spec ?? {};
  const container = findApisixContainer(spec.containers ?? []);
  return {
    restartedAt: template?.metadata?.annotations?.[RESTARTED_AT_ANNOTATION] ?? null,
    // The API server's own default when a pod names none.
    serviceAccount: spec.serviceAccountName ?? "default",
    container,
    configMaps: container === null ? [] : mountedConfigMaps(spec, container.name),
  };
}

function figuresOf(source: KubeWorkload): RolloutFigures {
  switch (source.kind) {
    case "Deployment":
      return deploymentFigures(source.object);
    case "DaemonSet":
      return daemonSetFigures(source.object);
    case "StatefulSet":
      return statefulSetFigures(source.object);
  }
}

const generations = ({ metadata }: KubeObject, observed: number | undefined) => ({
  generation: count(metadata?.generation),
  observedGeneration: count(observed),
});

function deploymentFigures(object: KubeDeployment): RolloutFigures {
  const { spec, status } = object;
  const desired = count(spec?.replicas, 1);
  const { maxUnavailable, maxSurge } = spec?.strategy?.rollingUpdate ?? {};
  return {
    ...generations(object, status?.observedGeneration),
    strategy: strategyOf(spec?.strategy?.type),
    partition: 0,
    // Both zero would allow no step at all, so the controller then takes 1 (deployment util ResolveFenceposts).
    maxUnavailable:
      podCount(maxUnavailable ?? "25%", desired, "down") || (podCount(maxSurge ?? "25%", desired, "up") === 0 ? 1 : 0),
    paused: spec?.paused ?? false,
    desired,
    total: count(status?.replicas),
    updated: count(status?.updatedReplicas),
    ready: count(status?.readyReplicas),
    available: count(status?.availableReplicas),
    deadlineExceeded: (status?.conditions ?? []).some(
      ({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
    ),
    currentRevision: null,
    updateRevision: null,
  };
}

function daemonSetFigures(object: KubeDaemonSet): RolloutFigures {
  const { spec, status } = object;
  const desired = count(status?.desiredNumberScheduled);
  return {
    ...generations(object, status?.observedGeneration),
    strategy: strategyOf(spec?.updateStrategy?.type),
    partition: 0,
    maxUnavailable: podCount(spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired, "up"),
    paused: false,
    desired,
    total: desired,
    updated: count(status?.updatedNumberScheduled),
    ready: count(status?.numberReady),
    available: count(status?.numberAvailable),
    deadlineExceeded: false,
    currentRevision: null,
    updateRevision: null,
  };
}

function statefulSetFigures(object: KubeStatefulSet): RolloutFigures {
  const { spec, status } = object;
  const desired = count(spec?.replicas, 1);
  return {
    ...generations(object, status?.observedGeneration),
    strategy: strategyOf(spec?.updateStrategy?.type),
    partition: count(spec?.updateStrategy?.rollingUpdate?.partition),
    maxUnavailable: podCount(spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired, "up"),
    paused: false,
    desired,
    total: count(status?.replicas),
    updated: count(status?.updatedReplicas),
    ready: count(status?.readyReplicas),
    available: count(status?.availableReplicas),
    deadlineExceeded: false,
    currentRevision: status?.currentRevision ?? null,
    updateRevision: status?.updateRevision ?? null,
  };
}

function strategyOf(type: string | undefined): RolloutFigures["strategy"] {
  switch (type) {
    // The API server fills in RollingUpdate for all three kinds when none is given.
    case undefined:
    case "RollingUpdate":
      return "RollingUpdate";
    case "Recreate":
    case "OnDelete":
      return type;
    default:
      return "Unknown";
  }
}

/** A number that the API server left out is 0 unless its default is another; what is no number is none, whoever answered. */
const count = (value: number | undefined, otherwise = 0): number =>
  Number.isInteger(value) ? Number(value) : otherwise;

/** A number of pods, or a share of the desired ones, rounded as the controller of that field does. */
function podCount(value: number | string, desired: number, rounding: "up" | "down"): number {
  if (typeof value === "number") return value;
  const share = (Number.parseInt(value, 10) / 100) * desired;
  // An unreadable share allows nothing to be missing.
  if (!Number.isFinite(share)) return 0;
  return rounding === "up" ? Math.ceil(share) : Math.floor(share);
}
