import type { KubePodTemplate } from "../model/kubernetes.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import { AGE, ago, defined, putSupport, putWorkload } from "./gateway-objects.ts";
import type { ContainerSpec, GatewaySpec, PodSpec } from "./gateway-spec.ts";
import { AFTER_RESTART } from "./pod-life.ts";
import { CONTAINER } from "./pod-template.ts";
import { putPod, startLog, tokenEnd } from "./pods.ts";
import { getWorkload, type Revision, revisionOf, type StoredWorkload } from "./revisions.ts";
import { logKey, type SimulatedState } from "./state.ts";
import { updateStatus } from "./workload-status.ts";

export interface AddedGateway extends GatewayRef {
  /** Names, in the order of the pods of its spec. */
  readonly pods: readonly string[];
}

/** Puts a gateway into the cluster as it is now; it begins to change when its template does. */
export function addGateway(state: SimulatedState, spec: GatewaySpec): AddedGateway {
  const { kind = "Deployment", namespace = "apisix", name = "apisix", replicas = 3, pods: differing = [] } = spec;
  const ref = { kind, namespace, name };
  state.gateways.set(gatewayId(ref), {
    ref,
    nodes: replicas,
    afterRestart: { ...AFTER_RESTART, ...spec.afterRestart },
    progressDeadlineExceeded: spec.progressDeadlineExceeded ?? false,
  });
  putSupport(state, spec, ref, replicas);
  putWorkload(state, spec, ref, replicas);
  const workload = getWorkload(state, kind, namespace, name);
  if (workload === null) throw new Error("unreachable: it was put a moment ago");
  const template = workload.object.spec?.template ?? {};
  // The older one first, as in life: a ControllerRevision is numbered when it is made.
  const old = differing.some((pod) => pod.old) ? revisionOf(state, workload, olderTemplate(template)) : null;
  const newest = revisionOf(state, workload, template);
  const count = Math.max(replicas, differing.length);
  const names = Array.from({ length: count }, (_, ordinal) => {
    const pod = { ...inherited(spec), ...differing[ordinal] };
    if (pod.state === "missing") return [];
    return [putGatewayPod(state, { workload, revision: pod.old && old !== null ? old : newest, ordinal }, pod)];
  }).flat();
  updateStatus(state, workload, newest);
  return { ...ref, pods: names };
}

interface Place {
  readonly workload: StoredWorkload;
  readonly revision: Revision;
  readonly ordinal: number;
}

function putGatewayPod(state: SimulatedState, { workload, revision, ordinal }: Place, pod: PodSpec): string {
  const { state: phase = "running", createdAgo = AGE } = pod;
  const createdAt = ago(state, createdAgo);
  const runs = phase === "running" || phase === "terminating";
  const startedAt = runs ? ago(state, pod.startedAgo ?? createdAgo) : null;
  const { namespace = "", name } = putPod(state, workload, revision, {
    createdAt,
    startedAt,
    ready: pod.ready ?? runs,
    restartCount: pod.restartCount ?? 0,
    node: phase === "pending" ? null : `node-${ordinal + 1}`,
    terminating: phase === "terminating",
    ordinal,
  }).metadata;
  if (startedAt !== null) {
    const refusedSince = pod.refusedFor === undefined ? tokenEnd(state, startedAt) : ago(state, pod.refusedFor);
    const log = startLog(startedAt, { refusedSince, more: pod.log, fileAge: pod.logFileAge });
    state.logs.set(logKey(namespace, name, CONTAINER), log);
  }
  return name;
}

/** What a pod takes over from its gateway. */
const inherited = ({ createdAgo, startedAgo, refusedFor, log, logFileAge }: ContainerSpec): ContainerSpec =>
  defined({ createdAgo, startedAgo, refusedFor, log, logFileAge });

/** As before the last change of the image's configuration: a chart stamps its checksum into the template. */
const olderTemplate = (template: KubePodTemplate): KubePodTemplate => ({
  ...template,
  metadata: { ...template.metadata, annotations: { "checksum/config": "before" } },
});
