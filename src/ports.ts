import type { AuditEvidence } from "./model/audit.ts";
import type { WorkloadEvent } from "./model/event.ts";
import type { Start } from "./model/fleet.ts";
import type {
  KubeConfigMap,
  KubeControllerRevision,
  KubeDaemonSet,
  KubeDeployment,
  KubeNode,
  KubeObject,
  KubePod,
  KubeReplicaSet,
  KubeStatefulSet,
  KubeWorkload,
} from "./model/kubernetes.ts";
import type { Permission, Read } from "./model/read.ts";
import type { Instant, Millis } from "./model/time.ts";
import type { GatewayRef } from "./model/workload.ts";
import type { WorkloadPatch } from "./rollout/patch.ts";

/** Reads workloads and what belongs to them. Every list is whole (all pages) or a failure; nothing here throws. */
export interface Workloads {
  server(): Promise<Read<ServerInfo>>;
  /** namespace null: all namespaces. `selector` is a label selector in the API's text form. */
  deployments(namespace: string | null, selector: string): Promise<Read<KubeDeployment[]>>;
  daemonSets(namespace: string | null, selector: string): Promise<Read<KubeDaemonSet[]>>;
  statefulSets(namespace: string | null, selector: string): Promise<Read<KubeStatefulSet[]>>;
  /** Argo Rollouts; an empty list where the cluster does not know the kind. */
  rollouts(namespace: string | null, selector: string): Promise<Read<KubeObject[]>>;
  /** Waits until `until` has seen enough of a workload, the workload is deleted, or the time is over. */
  follow(ref: GatewayRef, until: (seen: KubeWorkload) => boolean, maxTime: Millis): Promise<Read<null>>;
  /** One workload by name. */
  workload(ref: GatewayRef): Promise<Read<KubeWorkload>>;
  pods(namespace: string, selector: string): Promise<Read<KubePod[]>>;
  replicaSets(namespace: string, selector: string): Promise<Read<KubeReplicaSet[]>>;
  controllerRevisions(namespace: string, selector: string): Promise<Read<KubeControllerRevision[]>>;
  serviceAccount(namespace: string, name: string): Promise<Read<KubeObject>>;
  configMap(namespace: string, name: string): Promise<Read<KubeConfigMap>>;
  node(name: string): Promise<Read<KubeNode>>;
}

export interface ServerInfo {
  /** The server's Date header of this answer, whole seconds. */
  readonly at: Instant;
  /** The guard's own clock when the answer arrived. */
  readonly localAt: Instant;
  readonly gitVersion: string;
}

/** Streams the log of one container. */
export interface PodLogs {
  /** Feeds the bytes to `onChunk` as they arrive; the chunk is only valid during the call. Never throws. */
  read(request: LogRequest, onChunk: (chunk: Uint8Array) => void): Promise<Read<LogAnswer>>;
}

export interface LogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Only lines of the last so many seconds; null: from the start of the current file. Lines carry the API's timestamps. */
  readonly sinceSeconds: number | null;
  /** The server stops after so many bytes; null: no limit asked of the server. */
  readonly limitBytes: number | null;
  /** The guard stops reading after so many bytes or so long, and says so in the answer. */
  readonly maxBytes: number;
  readonly maxTime: Millis;
}

export interface LogAnswer {
  readonly at: Instant;
  readonly bytes: number;
  /** The answer was cut off by maxBytes or maxTime. */
  readonly capped: boolean;
}

/** Runs commands in containers. */
export interface Exec {
  /**
   * Runs one command to its end and gives what it wrote to its standard output. A command that fails is a failure. Never throws.
   * Given up on, the command may go on in its container.
   */
  run(request: ExecRequest): Promise<Read<Uint8Array>>;
}

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** More output than this is a failure. */
  readonly maxBytes: number;
  readonly maxTime: Millis;
}

/** The only writes there are. */
export interface Restarter {
  /** Sends one strategic merge patch, once: a failure is never tried again here. `Conflict`: the resourceVersion has moved on. */
  patch(ref: GatewayRef, body: WorkloadPatch): Promise<Read<null>>;
  /** Leaves an event beside a workload, once and without patience. That it is there already, by its name, is success. */
  createEvent(event: WorkloadEvent): Promise<Read<null>>;
}

/** Asks who may do what. */
export interface Access {
  /** SubjectAccessReview: may this ServiceAccount list this resource in all namespaces? */
  mayList(subject: { namespace: string; serviceAccount: string }, resource: string): Promise<Read<boolean>>;
  /** SelfSubjectAccessReview: may the guard's own identity do this? RBAC's answer; admission may still refuse it. */
  iMay(permission: Permission): Promise<Read<boolean>>;
  /**
   * Asks for a change that is no restart, a new label in the pod template, as a dry run: nothing is ever stored. Accepted:
   * nothing but its own code confines the guard to restarts. `Forbidden`: something does.
   */
  tryRelabel(ref: GatewayRef): Promise<Read<null>>;
}

/** Reads the audit log of a cluster's API server for the tokens of its gateways. */
export interface AuditLog {
  /**
   * What requests between two moments show, or more. Takes memory of a constant size and a bounded time; what it left out
   * is told in the answer. Never throws. The log is read once: for the first hour of its life no event tells of a token, so a
   * second read within a run would find nothing that matters.
   */
  read(range: AuditRange): Promise<Read<AuditEvidence>>;
}

export interface AuditRange {
  readonly from: Instant;
  readonly until: Instant;
}

/** One signed-in cluster. */
export interface Cluster {
  readonly workloads: Workloads;
  readonly logs: PodLogs;
  readonly exec: Exec;
  readonly access: Access;
  /** Missing: there is none to be read. */
  readonly audit?: AuditLog | undefined;
  readonly restarter: Restarter;
  /** Asks the API server what it would do with the same writes (`dryRun=All`); nothing is stored. */
  readonly dryRunRestarter: Restarter;
}

/** Waits. A port, so that tests and the demo need not. */
export type Sleep = (length: Millis) => Promise<void>;

/** Has another process remediate a cluster; accepted does not mean done. */
export type StartRemediate = (start: Start) => Promise<Read<null>>;

/** Told how far a read has come, for a person who is waiting. */
export type Progress = (step: { cluster: string; what: string; done: number; total: number }) => void;
