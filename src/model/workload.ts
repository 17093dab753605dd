import type { LastRestart } from "./last-restart.ts";

/** The kinds of workload that roll over to a new pod template by themselves. */
export const WORKLOAD_KINDS = ["Deployment", "DaemonSet", "StatefulSet"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** What names a gateway in a cluster. */
export interface GatewayRef {
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** `apisix/Deployment/apisix`: a gateway in one word, unique in its cluster. */
export const gatewayId = (ref: GatewayRef): string => `${ref.namespace}/${ref.kind}/${ref.name}`;

/** A workload that runs APISIX gateways, as the API server described it at one moment. */
export interface Workload extends GatewayRef {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The label selector of its pods in the API's text form. */
  readonly podSelector: string;
  /** The annotation `apisix-token-guard/skip` is set to anything but `false`. */
  readonly optedOut: boolean;
  /** What the annotation `apisix-token-guard/last-restart` says, or why it cannot be read. */
  readonly lastRestart: LastRestart;
  readonly template: WorkloadTemplate;
  readonly figures: RolloutFigures;
}

export interface WorkloadTemplate {
  /** The annotation `kubectl.kubernetes.io/restartedAt`, as written; null when the workload was never restarted. */
  readonly restartedAt: string | null;
  readonly serviceAccount: string;
  /** The container that runs APISIX; null when none can be told (see evidence/apisix-container.ts). */
  readonly container: { readonly name: string; readonly image: string } | null;
  /** ConfigMaps that its pods mount, whole or by key, in the order of the pod template. */
  readonly configMaps: readonly string[];
}

/** The numbers from which the state of a rollout follows. A field the API leaves out because it is zero is 0 here. */
export interface RolloutFigures {
  readonly strategy: "RollingUpdate" | "Recreate" | "OnDelete" | "Unknown";
  /** StatefulSet: pods with a lower ordinal keep their revision. 0 otherwise. */
  readonly partition: number;
  /** How many pods the strategy allows to be missing, percentages resolved against `desired`. */
  readonly maxUnavailable: number;
  readonly paused: boolean;
  readonly generation: number;
  readonly observedGeneration: number;
  /** Pods wanted: spec.replicas, or the nodes a DaemonSet is meant for. */
  readonly desired: number;
  /** Pods there are, of any revision, not counting terminating ones. */
  readonly total: number;
  /** Pods of the newest revision. */
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  /** The Deployment condition Progressing has the reason ProgressDeadlineExceeded. */
  readonly deadlineExceeded: boolean;
  /** StatefulSet status; null for the other kinds. */
  readonly currentRevision: string | null;
  readonly updateRevision: string | null;
}

/** One revision of a workload's pod template: a ReplicaSet or ControllerRevision. */
export interface Revision {
  /** The value of its pods' label `pod-template-hash` or `controller-revision-hash`. */
  readonly hash: string;
  /** The annotation restartedAt of that template, as written. */
  readonly restartedAt: string | null;
}
