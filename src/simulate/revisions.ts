import type { KubePodTemplate } from "../model/kubernetes.ts";
import { gatewayId, type WorkloadKind } from "../model/workload.ts";
import type { SimulatedState } from "./state.ts";
import type { Kinds, Stored } from "./store.ts";

/** One version of a workload's pod template, and how its pods are marked. */
export interface Revision {
  readonly template: KubePodTemplate;
  readonly labelKey: "pod-template-hash" | "controller-revision-hash";
  readonly label: string;
  /** The pods' owner. */
  readonly owner: { kind: string; name: string; uid: string; controller: true };
}

export type StoredWorkload = { [K in WorkloadKind]: { kind: K; object: Stored<Kinds[K]> } }[WorkloadKind];

export function getWorkload(
  state: SimulatedState,
  kind: WorkloadKind,
  namespace: string,
  name: string,
): StoredWorkload | null {
  const object = state.store.get(kind, namespace, name);
  return object === null ? null : ({ kind, object } as StoredWorkload);
}

/** The revision of a template; made, as the workload's controller would, when there is none yet. */
export function revisionOf(
  state: SimulatedState,
  { kind, object }: StoredWorkload,
  template: KubePodTemplate,
): Revision {
  const { name, namespace = "", uid } = object.metadata;
  const hash = shortHash(JSON.stringify(template));
  const revisionName = `${name}-${hash}`;
  const workload = { kind, name, uid, controller: true } as const;
  const metadata = { name: revisionName, namespace, ownerReferences: [workload] };
  const labels = template.metadata?.labels ?? {};
  if (kind === "Deployment") {
    const label = { "pod-template-hash": hash };
    const marked = { ...template, metadata: { ...template.metadata, labels: { ...labels, ...label } } };
    const set =
      state.store.get("ReplicaSet", namespace, revisionName) ??
      state.store.put("ReplicaSet", {
        metadata: { ...metadata, labels: { ...labels, ...label } },
        spec: { template: marked },
      });
    const owner = { kind: "ReplicaSet", name: revisionName, uid: set.metadata.uid, controller: true } as const;
    return { template, labelKey: "pod-template-hash", label: hash, owner };
  }
  // A DaemonSet marks its pods with the hash, a StatefulSet with the name of the ControllerRevision.
  const label = kind === "DaemonSet" ? hash : revisionName;
  if (state.store.get("ControllerRevision", namespace, revisionName) === null) {
    const others = state.store
      .list("ControllerRevision", namespace)
      .filter(({ metadata: { ownerReferences } }) => ownerReferences?.[0]?.uid === uid);
    state.store.put("ControllerRevision", {
      metadata: { ...metadata, labels: { ...labels, "controller-revision-hash": label } },
      revision: others.length + 1,
      data: { spec: { template: { ...template, $patch: "replace" } } },
    });
  }
  return { template, labelKey: "controller-revision-hash", label, owner: workload };
}

/** Letters that cannot form words, as Kubernetes uses them in names (apimachinery util/rand). */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** FNV-1a, 32 bits: the same text always gives the same name. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  let name = "";
  for (let rest = hash; name.length < 5; rest = Math.floor(rest / ALPHABET.length))
    name += ALPHABET[rest % ALPHABET.length];
  return name;
}

/** For messages and keys. */
export const idOf = ({ kind, object }: StoredWorkload): string =>
  gatewayId({ kind, namespace: object.metadata.namespace ?? "", name: object.metadata.name });
