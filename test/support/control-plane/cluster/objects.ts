/** A Kubernetes object as it travels: plain JSON, times as text. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  // biome-ignore lint/suspicious/noExplicitAny: what else an object holds depends on its kind; tests know theirs
  [field: string]: any;
}

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  [field: string]: unknown;
}

export interface KubeList<T extends KubeObject = KubeObject> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[];
}

export interface Pod extends KubeObject {
  spec: { nodeName?: string; containers: { name: string; image: string }[]; [field: string]: unknown };
  status: {
    phase?: string;
    startTime?: string;
    conditions?: { type: string; status: string; lastTransitionTime?: string }[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  containerID?: string;
  state: { running?: { startedAt: string }; waiting?: { reason: string }; terminated?: object };
  lastState?: { terminated?: { startedAt: string; finishedAt: string; reason: string; exitCode: number } };
}

/** One pod. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

export function podPath({ namespace, name }: PodRef): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

export function isReady(pod: Pod): boolean {
  return pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
