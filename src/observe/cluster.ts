import pLimit from "p-limit";
import { GuardError } from "../model/errors.ts";
import type { KubeWorkload } from "../model/kubernetes.ts";
import type { ClusterObservation, EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { Read, ReadFailure } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { Workload } from "../model/workload.ts";
import type { Cluster, Progress } from "../ports.ts";
import { observeGateway } from "./gateway.ts";
import { workloadOf } from "./workload.ts";

/** The control plane of a Bitnami release carries the same name label as its gateways and discovers nothing. */
const NOT_CONTROL_PLANE = "app.kubernetes.io/component!=control-plane";

/** Requests that one cluster gets at once: enough to hide the round trips, and no burden for a busy API server. */
const MAX_REQUESTS = 16;

export interface ObserveOptions {
  readonly name: string;
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly progress?: Progress | undefined;
}

/**
 * Looks at one cluster: its gateways, their pods, logs and configuration.
 *
 * @throws GuardError when the API server cannot be asked at all; every later failure is part of the observation
 */
export async function observeCluster(cluster: Cluster, options: ObserveOptions): Promise<ClusterObservation> {
  const { name, scope, evidence, progress } = options;
  const server = await cluster.workloads.server();
  if (!server.ok) throw unreachable(name, server.failure);
  const limit = pLimit(MAX_REQUESTS);
  const { workloads, failures } = await listWorkloads(cluster, scope, server.value.at);
  let done = 0;
  const report = () => progress?.({ cluster: name, what: "gateways", done, total: workloads.length });
  report();
  const gateways = await Promise.all(
    workloads.map(async (workload) => {
      const observed = await observeGateway(cluster, workload, { evidence, at: server.value.at, limit });
      done++;
      report();
      return observed;
    }),
  );
  return {
    cluster: name,
    at: server.value.at,
    clockSkew: server.value.localAt - server.value.at,
    gitVersion: server.value.gitVersion,
    gateways,
    unreadKinds: failures,
    unsupported: workloads.length === 0 ? await findRollouts(cluster, scope) : [],
  };
}

const namespacesOf = ({ namespaces }: GatewayScope): readonly (string | null)[] =>
  namespaces.length === 0 ? [null] : namespaces;

const selectorOf = ({ selector }: GatewayScope): string => `${selector},${NOT_CONTROL_PLANE}`;

async function listWorkloads(cluster: Cluster, scope: GatewayScope, now: Instant) {
  const selector = selectorOf(scope);
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

/** Argo Rollouts roll their own way; somebody who runs only those must hear that they are not looked after. */
async function findRollouts(cluster: Cluster, scope: GatewayScope): Promise<ClusterObservation["unsupported"]> {
  const lists = await Promise.all(
    namespacesOf(scope).map((namespace) => cluster.workloads.rollouts(namespace, selectorOf(scope))),
  );
  return lists.flatMap((list) =>
    list.ok
      ? list.value.map(({ metadata }) => ({
          namespace: metadata?.namespace ?? "",
          kind: "Rollout",
          name: metadata?.name ?? "",
        }))
      : [],
  );
}

function incomplete(kind: string, missing: string): ReadFailure {
  return {
    code: "InvalidAnswer",
    what: `read a ${kind}`,
    message: `The API server gave a ${kind} without ${missing}. Is something between the guard and the API server changing answers?`,
  };
}

function unreachable(cluster: string, { code, message }: ReadFailure): GuardError {
  const signIn = code === "Unauthorized" || code === "Forbidden";
  return new GuardError(signIn ? "SignInFailed" : "ClusterUnreachable", `Cluster ${cluster}: ${message}`, {
    fields: { cluster, failure: code },
  });
}
