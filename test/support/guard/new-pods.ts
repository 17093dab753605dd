import { type Instant, SECOND } from "../../../src/model/time.ts";
import { agePod } from "../check/ageing.ts";
import { type GatewayLog, refused } from "../check/gateway-logs.ts";
import { isReady, type Pod, type PodRef } from "../control-plane/cluster/objects.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import type { History } from "./history.ts";

/** What becomes of the pods that a restart makes. */
export type Fate =
  /** Their logs are as they should be. */
  | "accepted"
  /** Their tokens are refused as well, and have been for a minute and a half. */
  | "refused"
  /** Their logs cannot be read. */
  | "unreadable";

/** As long as a refused informer needs for three records; new pods are made to look so old, as nobody waits for it. */
const REFUSED_FOR = 100 * SECOND;

/** Gives every pod that is made from now on its fate as soon as it is Ready. */
export function newPodsOf(cluster: Cluster, history: History): (namespace: string, fate: Fate) => Promise<void> {
  const fates = new Map<string, Fate>();
  const known = new Set<string>();
  history.onPod((pod, gone) => {
    const { namespace = "", uid = "", name } = pod.metadata;
    const fate = fates.get(namespace);
    if (fate === undefined || gone || !isReady(pod) || known.has(uid)) return;
    known.add(uid);
    // A pod that is deleted meanwhile needs no fate; what is amiss with another, the test itself will show.
    meet(cluster, pod, { namespace, name }, fate).catch(() => known.delete(uid));
  });
  return async (namespace, fate) => {
    for (const { metadata } of await cluster.pods.list(namespace)) known.add(metadata.uid ?? "");
    fates.set(namespace, fate);
  };
}

async function meet(cluster: Cluster, pod: Pod, ref: PodRef, fate: Fate): Promise<void> {
  if (fate === "unreadable") return;
  if (fate === "accepted") return writeLog(cluster, ref, started, startOf(pod));
  const startedAt = Date.now() - REFUSED_FOR;
  await agePod(cluster, ref, startedAt);
  await writeLog(cluster, ref, refused, startedAt);
}

/** What the entrypoint of the image prints. */
const started: GatewayLog = ({ startedAt }) => ({
  lines: [{ at: new Date(startedAt), text: "/usr/local/openresty//luajit/bin/luajit ./apisix/cli/apisix.lua start" }],
});

const startOf = ({ status }: Pod): Instant =>
  Date.parse(status.containerStatuses?.find(({ name }) => name === "apisix")?.state.running?.startedAt ?? "");

export async function writeLog(cluster: Cluster, pod: PodRef, log: GatewayLog, startedAt: Instant): Promise<void> {
  const { lines } = log({ startedAt, now: Date.now() });
  const inOrder = [...lines].sort((a, b) => a.at.getTime() - b.at.getTime());
  await cluster.logs.set(pod, { container: "apisix", lines: inOrder });
}
