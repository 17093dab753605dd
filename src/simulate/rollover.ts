import type { KubePod } from "../model/kubernetes.ts";
import { createPod, deletePod } from "./pod-life.ts";
import { isOf, isReady, isTerminating, podsOf } from "./pods.ts";
import { getWorkload, type Revision, revisionOf, type StoredWorkload } from "./revisions.ts";
import type { SimulatedGateway, SimulatedState } from "./state.ts";
import type { Stored } from "./store.ts";
import { rulesOf } from "./strategy.ts";
import { updateStatus } from "./workload-status.ts";

type Pod = Stored<KubePod>;

/**
 * One step of a workload's controller: creates and deletes as many pods as the strategy allows now. It is called again whenever
 * one of the pods has changed, until all are of the newest template.
 */
export function rollOver(state: SimulatedState, gateway: SimulatedGateway): void {
  const { kind, namespace, name } = gateway.ref;
  const workload = getWorkload(state, kind, namespace, name);
  if (workload === null) return;
  const newest = revisionOf(state, workload, workload.object.spec?.template ?? {});
  const paused = workload.kind === "Deployment" && workload.object.spec?.paused === true;
  if (!paused) step(state, gateway, workload, newest);
  updateStatus(state, workload, newest);
}

function step(state: SimulatedState, gateway: SimulatedGateway, workload: StoredWorkload, newest: Revision): void {
  const { afterRestart } = gateway;
  const again = () => rollOver(state, gateway);
  const create = (place: number) => createPod(state, afterRestart, { workload, revision: newest, place }, again);
  const remove = (pod: Pod) => deletePod(state, afterRestart, pod, again);

  const all = podsOf(state, workload);
  const living = all.filter((pod) => !isTerminating(pod));
  const old = living.filter((pod) => !isOf(newest)(pod));
  const { desired, surge, unavailable, recreate, onDelete, partition } = rulesOf(workload, gateway);
  if (onDelete) return;
  if (recreate) {
    for (const pod of old) remove(pod);
    if (all.every(isOf(newest))) for (let count = living.length; count < desired; count++) create(count);
    return;
  }
  if (workload.kind === "Deployment") {
    const most = Math.min(desired + surge, desired + old.length);
    for (let count = living.length; count < most; count++) create(count);
  } else {
    for (const place of freePlaces(workload, all, desired)) create(place);
    if (workload.kind === "StatefulSet" && living.length < desired) return;
  }
  // A StatefulSet begins with the highest ordinal.
  const candidates = workload.kind === "StatefulSet" ? old.filter((pod) => ordinalOf(pod) >= partition).reverse() : old;
  let spare = living.filter(isReady).length - (desired - unavailable);
  for (const pod of candidates) {
    if (isReady(pod) && spare-- <= 0) continue;
    remove(pod);
  }
}

/** Ordinals, or the numbers of nodes, that have no pod; a pod that is being deleted still holds its place. */
function freePlaces({ kind }: StoredWorkload, pods: readonly Pod[], desired: number): number[] {
  const taken = new Set(pods.map((pod) => (kind === "StatefulSet" ? ordinalOf(pod) : nodeOf(pod))));
  return Array.from({ length: desired }, (_, place) => place).filter((place) => !taken.has(place));
}

const ordinalOf = (pod: Pod): number => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1]);
const nodeOf = (pod: Pod): number => Number(/-(\d+)$/.exec(pod.spec?.nodeName ?? "")?.[1]) - 1;
