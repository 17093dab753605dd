import { RESTARTED_AT_ANNOTATION } from "../model/annotations.ts";
import type { KubeControllerRevision, KubeReplicaSet } from "../model/kubernetes.ts";
import { type Read, read } from "../model/read.ts";
import type { Revision, Workload } from "../model/workload.ts";
import type { Workloads } from "../ports.ts";

/** The revisions of a workload's pod template: ReplicaSets of a Deployment, ControllerRevisions of the other kinds. */
export async function readRevisions(workloads: Workloads, workload: Workload): Promise<Read<Revision[]>> {
  const { kind, namespace, podSelector, uid } = workload;
  if (kind === "Deployment") {
    const sets = await workloads.replicaSets(namespace, podSelector);
    return sets.ok ? read(sets.value.filter(ownedBy(uid)).flatMap(revisionOfReplicaSet)) : sets;
  }
  const revisions = await workloads.controllerRevisions(namespace, podSelector);
  return revisions.ok ? read(revisions.value.filter(ownedBy(uid)).flatMap(revisionOfController)) : revisions;
}

const ownedBy =
  (uid: string) =>
  ({ metadata }: KubeReplicaSet | KubeControllerRevision): boolean =>
    (metadata?.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === uid);

function revisionOfReplicaSet({ metadata, spec }: KubeReplicaSet): Revision[] {
  const hash = metadata?.labels?.["pod-template-hash"];
  if (hash === undefined) return [];
  return [{ hash, restartedAt: spec?.template?.metadata?.annotations?.[RESTARTED_AT_ANNOTATION] ?? null }];
}

function revisionOfController({ metadata, data }: KubeControllerRevision): Revision[] {
  const label = metadata?.labels?.["controller-revision-hash"];
  const name = metadata?.name;
  if (label === undefined && name === undefined) return [];
  const restartedAt = lookUp(data, ["spec", "template", "metadata", "annotations", RESTARTED_AT_ANNOTATION]);
  const known = typeof restartedAt === "string" ? restartedAt : null;
  // A DaemonSet's pods carry the hash, a StatefulSet's the whole name of the revision.
  return [...new Set([label, name])].flatMap((hash) => (hash === undefined ? [] : [{ hash, restartedAt: known }]));
}

function lookUp(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}
