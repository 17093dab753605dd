import type { LimitFunction } from "p-limit";
import { awaitsResult } from "../decide/in-flight.ts";
import type { EvidenceSwitches, GatewayObservation } from "../model/observation.ts";
import type { GatewayPod } from "../model/pod.ts";
import { read } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { Workload } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { readConfig } from "./config.ts";
import { readLog } from "./logs.ts";
import { podsOf } from "./pods.ts";
import { readProbe } from "./probe.ts";
import { readRevisions } from "./revisions.ts";

/** Nodes looked up for one DaemonSet that is not fully available; more are counted as unavailable, which is the safe side. */
const MAX_NODES = 20;

export interface GatewayReads {
  readonly evidence: EvidenceSwitches;
  /** The API server's time. */
  readonly at: Instant;
  /** Runs a read when a place is free: shared by all gateways of a cluster. */
  readonly limit: LimitFunction;
}

/** Everything about one gateway. A pod that is gone between the list and the read of its log is dropped. */
export async function observeGateway(
  cluster: Cluster,
  workload: Workload,
  { evidence, at, limit }: GatewayReads,
): Promise<GatewayObservation> {
  const [config, listed, revisions] = await Promise.all([
    evidence.config ? limit(() => readConfig(cluster.workloads, workload)) : null,
    limit(() => cluster.workloads.pods(workload.namespace, workload.podSelector)),
    awaitsResult(workload.lastRestart, at) ? limit(() => readRevisions(cluster.workloads, workload)) : null,
  ]);
  if (!listed.ok) return { workload, pods: listed, revisions, config, mayDiscover: null, accountCreatedAt: null };
  const known = config?.ok ? config.value : null;
  const looked = await Promise.all(
    podsOf(workload, listed.value, known).map(async (pod) => {
      const seen = evidence.logs ? await withLog(cluster, workload, pod, limit) : pod;
      if (seen === null || !evidence.probe) return seen;
      return { ...seen, probe: await limit(() => readProbe(cluster.exec, workload.namespace, seen, known)) };
    }),
  );
  const pods = await withNodes(
    cluster,
    workload,
    looked.filter((pod) => pod !== null),
    limit,
  );
  return { workload, pods: read(pods), revisions, config, mayDiscover: null, accountCreatedAt: null };
}

async function withLog(
  cluster: Cluster,
  { namespace }: Workload,
  pod: GatewayPod,
  limit: LimitFunction,
): Promise<GatewayPod | null> {
  const { container } = pod;
  if (container?.startedAt == null) return pod;
  const { startedAt } = container;
  const log = await limit(() =>
    readLog(cluster.logs, { namespace, pod: pod.name, container: container.name, startedAt }),
  );
  return !log.ok && log.failure.code === "NotFound" ? null : { ...pod, log };
}

/** Whether the nodes of missing DaemonSet pods are Ready: the controller cannot move such a pod, so it must not block for ever. */
async function withNodes(
  cluster: Cluster,
  { kind, figures }: Workload,
  pods: GatewayPod[],
  limit: LimitFunction,
): Promise<GatewayPod[]> {
  if (kind !== "DaemonSet" || figures.available >= figures.desired) return pods;
  const missing = pods.filter((pod) => !pod.ready).slice(0, MAX_NODES);
  return Promise.all(
    pods.map(async (pod) => {
      const { node } = pod;
      if (node === null || !missing.includes(pod)) return pod;
      const answer = await limit(() => cluster.workloads.node(node));
      if (!answer.ok) return pod;
      const ready = answer.value.status?.conditions?.find(({ type }) => type === "Ready");
      return { ...pod, nodeReady: ready?.status === "True" };
    }),
  );
}
