import type {
  KubeConfigMap,
  KubeControllerRevision,
  KubeDaemonSet,
  KubeDeployment,
  KubeMetadata,
  KubeNode,
  KubeObject,
  KubePod,
  KubeReplicaSet,
  KubeStatefulSet,
} from "../model/kubernetes.ts";
import { isoSeconds } from "../model/time.ts";
import type { VirtualClock } from "./clock.ts";

/** The kinds a cluster holds here, each with the shape of its objects. */
export interface Kinds {
  Deployment: KubeDeployment;
  DaemonSet: KubeDaemonSet;
  StatefulSet: KubeStatefulSet;
  Rollout: KubeObject;
  ReplicaSet: KubeReplicaSet;
  ControllerRevision: KubeControllerRevision;
  Pod: KubePod;
  ConfigMap: KubeConfigMap;
  Node: KubeNode;
  ServiceAccount: KubeObject;
}
export type Kind = keyof Kinds;

/** An object of the store: its identity is certain. */
export type Stored<T> = T & { metadata: KubeMetadata & { name: string; uid: string; resourceVersion: string } };

/** What etcd is to a cluster. Everything that goes in or comes out is a copy. */
export interface Store {
  /**
   * Creates or replaces an object, and does what the API server does to it: uid, creation time, resourceVersion, and a new
   * generation when its spec changed; of a Deployment, also when its annotations did.
   */
  put<K extends Kind>(kind: K, object: Kinds[K]): Stored<Kinds[K]>;
  get<K extends Kind>(kind: K, namespace: string | null, name: string): Stored<Kinds[K]> | null;
  /** By namespace and name; namespace null: all. */
  list<K extends Kind>(kind: K, namespace: string | null): Stored<Kinds[K]>[];
  /** Changes a copy of an object and puts it back. Throws when there is none. */
  edit<K extends Kind>(
    kind: K,
    namespace: string | null,
    name: string,
    change: (object: Stored<Kinds[K]>) => void,
  ): void;
  remove(kind: Kind, namespace: string | null, name: string): void;
}

/** Fields of status that the API leaves out when they are 0 (`omitempty` in k8s.io/api/apps/v1/types.go). */
const OMITTED_WHEN_ZERO: Partial<Record<Kind, readonly string[]>> = {
  Deployment: [
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
  ],
  DaemonSet: ["observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable"],
  StatefulSet: ["observedGeneration", "readyReplicas", "currentReplicas", "updatedReplicas"],
};

export function createStore(clock: VirtualClock): Store {
  const objects = new Map<string, { kind: Kind; object: KubeObject }>();
  let version = 0;

  const find = <K extends Kind>(kind: K, namespace: string | null, name: string) =>
    objects.get(keyOf(kind, namespace, name))?.object as Stored<Kinds[K]> | undefined;

  const store: Store = {
    put(kind, object) {
      const name = object.metadata?.name;
      if (name === undefined) throw new TypeError(`A ${kind} without a name`);
      const namespace = object.metadata?.namespace ?? null;
      const before = find(kind, namespace, name);
      version++;
      const stored = copyOf(object);
      stored.metadata = {
        creationTimestamp: isoSeconds(clock.now()),
        uid: `00000000-0000-4000-8000-${String(version).padStart(12, "0")}`,
        ...before?.metadata,
        ...stored.metadata,
        resourceVersion: String(version),
        generation: nextGeneration(kind, before, stored),
      };
      if (kind === "Deployment") seeAnnotations(before as KubeDeployment | undefined, stored as KubeDeployment);
      omitZeros(kind, stored);
      objects.set(keyOf(kind, namespace, name), { kind, object: stored });
      return copyOf(stored) as Stored<typeof object>;
    },
    get(kind, namespace, name) {
      const object = find(kind, namespace, name);
      return object === undefined ? null : copyOf(object);
    },
    list(kind, namespace) {
      return [...objects.entries()]
        .filter(
          ([, entry]) => entry.kind === kind && (namespace === null || entry.object.metadata?.namespace === namespace),
        )
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, entry]) => copyOf(entry.object) as Stored<Kinds[typeof kind]>);
    },
    edit(kind, namespace, name, change) {
      const object = store.get(kind, namespace, name);
      if (object === null) throw new TypeError(`There is no ${kind} ${namespace}/${name}`);
      change(object);
      store.put(kind, object);
    },
    remove(kind, namespace, name) {
      objects.delete(keyOf(kind, namespace, name));
    },
  };
  return store;
}

/** Of an object, which is JSON. With structuredClone() a whole simulation would take half as long again. */
function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, copyOf(field)])) as T;
}

const keyOf = (kind: Kind, namespace: string | null, name: string): string => `${kind}/${namespace ?? ""}/${name}`;

function nextGeneration(kind: Kind, before: KubeObject | undefined, after: KubeObject): number {
  const generation = before?.metadata?.generation ?? 0;
  if (before === undefined) return after.metadata?.generation ?? 1;
  return counted(kind, before) === counted(kind, after) ? generation : generation + 1;
}

/** kubernetes, pkg/registry/apps/deployment/strategy.go, PrepareForUpdate; the other kinds count their spec alone. */
const counted = (kind: Kind, object: KubeObject): string =>
  JSON.stringify([specOf(object), kind === "Deployment" && (object.metadata?.annotations ?? {})]);

const specOf = (object: KubeObject): string => JSON.stringify("spec" in object ? object.spec : null);

/** A controller has nothing to do about annotations but to say that it has seen them. */
function seeAnnotations(before: KubeDeployment | undefined, after: KubeDeployment): void {
  const { observedGeneration } = after.status ?? {};
  if (before === undefined || specOf(before) !== specOf(after)) return;
  if (observedGeneration !== undefined && observedGeneration === before.metadata?.generation)
    after.status = { ...after.status, observedGeneration: after.metadata?.generation ?? 1 };
}

function omitZeros(kind: Kind, object: KubeObject): void {
  const status = "status" in object ? object.status : undefined;
  if (typeof status !== "object" || status === null) return;
  for (const field of OMITTED_WHEN_ZERO[kind] ?? []) {
    if (Reflect.get(status, field) === 0) Reflect.deleteProperty(status, field);
  }
}
