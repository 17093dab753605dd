/**
 * The part of the Kubernetes API objects that the guard reads, as the API serves them: every field may be missing (a status
 * field that is 0 is left out), and a timestamp is text or, from a typed client, a Date. Nothing here is trusted until observe/
 * has turned it into the model.
 */
export type KubeTime = string | Date;

export interface KubeMetadata {
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: KubeTime;
  deletionTimestamp?: KubeTime;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { kind?: string; name?: string; uid?: string; controller?: boolean }[];
  managedFields?: { time?: KubeTime; subresource?: string }[];
}

export interface KubeObject {
  metadata?: KubeMetadata;
}

export interface KubeLabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
}

export interface KubeContainer {
  name?: string;
  image?: string;
  volumeMounts?: { name?: string; mountPath?: string; subPath?: string; subPathExpr?: string; readOnly?: boolean }[];
}

export interface KubeVolume {
  name?: string;
  configMap?: { name?: string; items?: { key?: string; path?: string }[]; optional?: boolean };
  secret?: { secretName?: string };
  projected?: {
    sources?: {
      serviceAccountToken?: { path?: string; expirationSeconds?: number; audience?: string };
      secret?: { name?: string };
      configMap?: { name?: string };
      downwardAPI?: object;
    }[];
  };
}

export interface KubePodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  nodeName?: string;
  hostPID?: boolean;
  shareProcessNamespace?: boolean;
  initContainers?: KubeContainer[];
  containers?: KubeContainer[];
  volumes?: KubeVolume[];
}

export interface KubePodTemplate {
  metadata?: KubeMetadata;
  spec?: KubePodSpec;
}

export interface KubeCondition {
  type?: string;
  status?: string;
  reason?: string;
  lastTransitionTime?: KubeTime;
  lastUpdateTime?: KubeTime;
}

export interface KubeDeployment extends KubeObject {
  spec?: {
    replicas?: number;
    paused?: boolean;
    selector?: KubeLabelSelector;
    template?: KubePodTemplate;
    strategy?: { type?: string; rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string } };
    progressDeadlineSeconds?: number;
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: KubeCondition[];
  };
}

export interface KubeDaemonSet extends KubeObject {
  spec?: {
    selector?: KubeLabelSelector;
    template?: KubePodTemplate;
    updateStrategy?: {
      type?: string;
      rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string };
    };
  };
  status?: {
    observedGeneration?: number;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberReady?: number;
    numberAvailable?: number;
  };
}

export interface KubeStatefulSet extends KubeObject {
  spec?: {
    replicas?: number;
    selector?: KubeLabelSelector;
    template?: KubePodTemplate;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number; maxUnavailable?: number | string } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
  };
}

/** A workload with its kind, which the items of a list do not repeat. */
export type KubeWorkload =
  | { readonly kind: "Deployment"; readonly object: KubeDeployment }
  | { readonly kind: "DaemonSet"; readonly object: KubeDaemonSet }
  | { readonly kind: "StatefulSet"; readonly object: KubeStatefulSet };

export interface KubePod extends KubeObject {
  spec?: KubePodSpec;
  status?: {
    phase?: string;
    startTime?: KubeTime;
    conditions?: KubeCondition[];
    containerStatuses?: KubeContainerStatus[];
  };
}

export interface KubeContainerStatus {
  name?: string;
  ready?: boolean;
  restartCount?: number;
  state?: { running?: { startedAt?: KubeTime }; waiting?: { reason?: string }; terminated?: { reason?: string } };
}

export interface KubeReplicaSet extends KubeObject {
  spec?: { template?: KubePodTemplate };
}

export interface KubeControllerRevision extends KubeObject {
  revision?: number;
  /** For a DaemonSet or StatefulSet: `{spec: {template: {…}}}`. */
  data?: unknown;
}

export interface KubeConfigMap extends KubeObject {
  data?: Record<string, string>;
}

export interface KubeNode extends KubeObject {
  status?: { conditions?: KubeCondition[] };
}
