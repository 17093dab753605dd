import { gatewaySelector } from "../model/gateway-selector.ts";
import type { KubeWorkload } from "../model/kubernetes.ts";
import type { ClusterObservation, GatewayScope } from "../model/observation.ts";
import type { Read, ReadFailure } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { Workload } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { workloadOf } from "./workload.ts";

const namespacesOf = ({ namespaces }: GatewayScope): readonly (string | null)[] =>
  namespaces.length === 0 ? [null] : namespaces;

/** The workloads of a scope, and the lists that failed: with any of those, there may be more workloads. */
export async function listWorkloads(
  cluster: Cluster,
  scope: GatewayScope,
  now: Instant,
): Promise<{ workloads: readonly Workload[]; failures: readonly ReadFailure[] }> {
  const selector = gatewaySelector(scope.selector);
  const lists = await Promise.all(
    namespacesOf(scope).flatMap((namespace) => [
      cluster.workloads.deployments(namespace, selector).then(tagged("Deployment")),
      cluster.workloads.daemonSets(namespace, selector).then(tagged("DaemonSet")),
      cluster.workloads.statefulSets(namespace, selector).then(tagged("StatefulSet")),
    ]),
  );
  const workloads: Workload[] = [];
  const failures: ReadFailure[] = [];
  for (const list of lists) {
    if (!list.ok) failures.push(list.failure);
    for (const source of list.ok ? list.value : []) {
      const workload = workloadOf(source, now);
      if ("missing" in workload) failures.push(incomplete(source.kind, workload.missing));
      else workloads.push(workload);
    }
  }
  return { workloads, failures };
}

/** Gives every object of a list the kind that the list itself does not repeat. */
function tagged<K extends KubeWorkload["kind"]>(kind: K) {
  type Tagged = Extract<KubeWorkload, { kind: K }>;
  return (list: Read<Tagged["object"][]>): Read<KubeWorkload[]> =>
    list.ok ? { ok: true, value: list.value.map((object) => ({ kind, object }) as Tagged) } : list;
}

/** The Argo Rollouts of a scope, which roll their own way and are not looked after; and the lists that failed. */
export async function listRollouts(
  cluster: Cluster,
  scope: GatewayScope,
): Promise<{ rollouts: ClusterObservation["unsupported"]; failures: readonly ReadFailure[] }> {
  const selector = gatewaySelector(scope.selector);
  const lists = await Promise.all(
    namespacesOf(scope).map((namespace) => cluster.workloads.rollouts(namespace, selector)),
  );
  const rollouts = lists.flatMap((list) => (list.ok ? list.value : []));
  return {
    rollouts: rollouts.map(({ metadata }) => ({
      namespace: metadata?.namespace ?? "",
      kind: "Rollout",
      name: metadata?.name ?? "",
    })),
    failures: lists.flatMap((list) => (list.ok ? [] : [list.failure])),
  };
}

function incomplete(kind: string, missing: string): ReadFailure {
  return {
    code: "InvalidAnswer",
    what: `read a ${kind}`,
    message: `The API server gave a ${kind} without ${missing}. Is something between the guard and the API server changing answers?`,
  };
}
