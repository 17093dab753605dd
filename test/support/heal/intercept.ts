import type { Read } from "../../../src/model/read.ts";
import type { Cluster, Restarter } from "../../../src/ports.ts";
import type { Call } from "../../../src/simulate/refusals.ts";

/** Stands between the guard and one answer: may send, not send, send twice, wait, or give another answer. */
export type Around = <T>(call: Call, send: () => Promise<Read<T>>) => Promise<Read<T>>;

/** The same cluster with something around every request, dry runs included. */
export function intercept({ workloads, logs, access, restarter, dryRunRestarter }: Cluster, around: Around): Cluster {
  const patching = (through: Restarter): Restarter => ({
    patch: (ref, body) => around("patch", () => through.patch(ref, body)),
  });
  return {
    workloads: {
      server: () => around("server", () => workloads.server()),
      deployments: (...of) => around("deployments", () => workloads.deployments(...of)),
      daemonSets: (...of) => around("daemonSets", () => workloads.daemonSets(...of)),
      statefulSets: (...of) => around("statefulSets", () => workloads.statefulSets(...of)),
      rollouts: (...of) => around("rollouts", () => workloads.rollouts(...of)),
      follow: (...of) => around("follow", () => workloads.follow(...of)),
      workload: (ref) => around("workload", () => workloads.workload(ref)),
      pods: (...of) => around("pods", () => workloads.pods(...of)),
      replicaSets: (...of) => around("replicaSets", () => workloads.replicaSets(...of)),
      controllerRevisions: (...of) => around("controllerRevisions", () => workloads.controllerRevisions(...of)),
      configMap: (...of) => around("configMap", () => workloads.configMap(...of)),
      node: (name) => around("node", () => workloads.node(name)),
    },
    logs: { read: (request, onChunk) => around("log", () => logs.read(request, onChunk)) },
    access: {
      mayList: (...of) => around("mayList", () => access.mayList(...of)),
      iMay: (permission) => around("iMay", () => access.iMay(permission)),
      tryRelabel: (ref) => around("tryRelabel", () => access.tryRelabel(ref)),
    },
    restarter: patching(restarter),
    dryRunRestarter: patching(dryRunRestarter),
  };
}
