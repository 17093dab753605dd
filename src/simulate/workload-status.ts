import { isoSeconds } from "../model/time.ts";
import { isOf, isReady, isTerminating, podsOf } from "./pods.ts";
import { idOf, type Revision, type StoredWorkload } from "./revisions.ts";
import type { SimulatedState } from "./state.ts";

/** Writes what a workload's controller would see now into its status. */
export function updateStatus(state: SimulatedState, workload: StoredWorkload, newest: Revision): void {
  const { namespace = "", name, generation = 1 } = workload.object.metadata;
  const pods = podsOf(state, workload).filter((pod) => !isTerminating(pod));
  const total = pods.length;
  const updated = pods.filter(isOf(newest)).length;
  const ready = pods.filter(isReady).length;
  const gateway = state.gateways.get(idOf(workload));
  switch (workload.kind) {
    case "Deployment":
      state.store.edit("Deployment", namespace, name, (object) => {
        object.status = {
          observedGeneration: generation,
          replicas: total,
          updatedReplicas: updated,
          readyReplicas: ready,
          availableReplicas: ready,
          conditions: [
            { type: "Available", status: ready > 0 ? "True" : "False", reason: "MinimumReplicasAvailable" },
            gateway?.progressDeadlineExceeded
              ? { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }
              : {
                  type: "Progressing",
                  status: "True",
                  reason: updated === total ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
                },
          ].map((condition) => ({ ...condition, lastUpdateTime: isoSeconds(state.clock.now()) })),
        };
      });
      return;
    case "DaemonSet":
      state.store.edit("DaemonSet", namespace, name, (object) => {
        object.status = {
          observedGeneration: generation,
          desiredNumberScheduled: gateway?.nodes ?? total,
          updatedNumberScheduled: updated,
          numberReady: ready,
          numberAvailable: ready,
        };
      });
      return;
    case "StatefulSet":
      state.store.edit("StatefulSet", namespace, name, (object) => {
        const { replicas = 1, updateStrategy } = object.spec ?? {};
        const complete = updateStrategy?.type !== "OnDelete" && updated === replicas && ready === replicas;
        const before =
          object.status?.currentRevision ??
          oldestRevision(
            pods.map(({ metadata }) => metadata.labels?.[newest.labelKey]),
            newest.label,
          );
        object.status = {
          observedGeneration: generation,
          replicas: total,
          readyReplicas: ready,
          availableReplicas: ready,
          updatedReplicas: updated,
          currentRevision: complete ? newest.label : before,
          updateRevision: newest.label,
        };
      });
      return;
  }
}

/** The revision of pods that are not of the newest one. */
const oldestRevision = (labels: readonly (string | undefined)[], newest: string): string =>
  labels.find((label) => label !== undefined && label !== newest) ?? newest;
