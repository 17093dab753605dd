import type { KubePod } from "../model/kubernetes.ts";
import { type Instant, isoSeconds } from "../model/time.ts";
import { accessLog, informerFailures, startRecords } from "./apisix-log-lines.ts";
import { type ContainerLog, type LogSource, recorded } from "./container-log.ts";
import { admittedSpec, CONTAINER } from "./pod-template.ts";
import { type Revision, type StoredWorkload, shortHash } from "./revisions.ts";
import { logKey, type SimulatedState } from "./state.ts";
import type { Stored } from "./store.ts";

/** A request every ten seconds: a log that is neither empty nor long. */
const REQUEST_PERIOD = 10_000;

export interface PodDraft {
  readonly createdAt: Instant;
  /** null: its container waits. */
  readonly startedAt: Instant | null;
  readonly ready: boolean;
  readonly restartCount: number;
  /** null: no node has it. */
  readonly node: string | null;
  readonly terminating: boolean;
  /** Of a StatefulSet. */
  readonly ordinal: number;
}

/** Creates a pod of a revision. */
export function putPod(
  state: SimulatedState,
  workload: StoredWorkload,
  revision: Revision,
  draft: PodDraft,
): Stored<KubePod> {
  const { namespace = "", name: gateway } = workload.object.metadata;
  const { template, labelKey, label, owner } = revision;
  const name =
    workload.kind === "StatefulSet" ? `${gateway}-${draft.ordinal}` : unusedName(state, namespace, owner.name);
  return state.store.put("Pod", {
    metadata: {
      name,
      namespace,
      creationTimestamp: isoSeconds(draft.createdAt),
      labels: { ...template.metadata?.labels, [labelKey]: label },
      annotations: { ...template.metadata?.annotations },
      ownerReferences: [owner],
      ...(draft.terminating ? { deletionTimestamp: isoSeconds(state.clock.now()) } : {}),
    },
    spec: admittedSpec(template, draft.node),
    status: podStatus(draft),
  });
}

function unusedName(state: SimulatedState, namespace: string, prefix: string): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${prefix}-${shortHash(`${namespace}/${prefix}/${attempt}`)}`;
    if (state.store.get("Pod", namespace, name) === null) return name;
  }
}

export function podStatus(draft: PodDraft): NonNullable<KubePod["status"]> {
  const created = isoSeconds(draft.createdAt);
  if (draft.node === null) {
    return {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", lastTransitionTime: created }],
    };
  }
  const running = draft.startedAt === null ? null : isoSeconds(draft.startedAt);
  return {
    phase: running === null ? "Pending" : "Running",
    startTime: created,
    conditions: [
      { type: "PodScheduled", status: "True", lastTransitionTime: created },
      { type: "Ready", status: draft.ready ? "True" : "False", lastTransitionTime: running ?? created },
    ],
    containerStatuses: [
      {
        name: CONTAINER,
        ready: draft.ready,
        restartCount: draft.restartCount,
        state: running === null ? { waiting: { reason: "ContainerCreating" } } : { running: { startedAt: running } },
      },
    ],
  };
}

/** When the token that a container read at its start is refused; null: never. */
export const tokenEnd = ({ tokenLifetime }: SimulatedState, startedAt: Instant): Instant | null =>
  tokenLifetime === null ? null : startedAt + tokenLifetime;

/** The log of a container from its start: entrypoint, requests, refusals since `refusedSince`. */
export function startLog(
  startedAt: Instant,
  {
    refusedSince,
    more = [],
    fileAge = null,
  }: { refusedSince: Instant | null; more?: readonly LogSource[] | undefined; fileAge?: number | null | undefined },
): ContainerLog {
  const refusals = refusedSince === null ? [] : [informerFailures(refusedSince)];
  return {
    sources: [
      recorded(startRecords(startedAt)),
      accessLog(startedAt + REQUEST_PERIOD, REQUEST_PERIOD),
      ...refusals,
      ...more,
    ],
    fileAge,
  };
}

/** The pods of a workload, the terminating ones among them. */
export function podsOf(state: SimulatedState, { kind, object }: StoredWorkload): Stored<KubePod>[] {
  const { namespace = "", uid } = object.metadata;
  const sets = state.store
    .list("ReplicaSet", namespace)
    .filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid);
  const owners = new Set(kind === "Deployment" ? sets.map(({ metadata }) => metadata.uid) : [uid]);
  return state.store
    .list("Pod", namespace)
    .filter(({ metadata }) => owners.has(metadata.ownerReferences?.[0]?.uid ?? ""));
}

export const isTerminating = ({ metadata }: KubePod): boolean => metadata?.deletionTimestamp !== undefined;

export const isReady = ({ status }: KubePod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;

export const isOf =
  ({ labelKey, label }: Revision) =>
  ({ metadata }: KubePod): boolean =>
    metadata?.labels?.[labelKey] === label;

export function removePod(state: SimulatedState, pod: Stored<KubePod>): void {
  const { namespace = "", name } = pod.metadata;
  state.store.remove("Pod", namespace, name);
  state.logs.delete(logKey(namespace, name, CONTAINER));
}
