import { parseLastRestart } from "../../../src/evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../../src/model/annotations.ts";
import type { LastRestart } from "../../../src/model/last-restart.ts";
import { isoSeconds } from "../../../src/model/time.ts";
import { type GatewayRef, WORKLOAD_KINDS } from "../../../src/model/workload.ts";
import { isReady, type KubeObject, type Pod } from "../control-plane/cluster/objects.ts";
import { waitFor } from "../control-plane/cluster/wait.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { follow } from "./follow.ts";
import { PLURALS, workloadPath } from "./workloads.ts";

/** What has become of the gateways since the beginning, version by version. */
export interface History {
  /** Of one workload, up to what the API server has now. */
  versionsOf(ref: GatewayRef): Promise<readonly KubeObject[]>;
  /** Of several workloads, in the order in which they were stored. */
  versionsOfAll(refs: readonly GatewayRef[]): Promise<readonly KubeObject[]>;
  /** Every restartedAt that was written into its template since it was made. */
  restartsOf(ref: GatewayRef): Promise<readonly string[]>;
  /** What the guard's note says in the end. */
  noteOf(ref: GatewayRef): Promise<LastRestart>;
  /** From now on: the least number of its pods that served at one moment. */
  watchServing(namespace: string): () => number;
  /** Called with every version of every pod. */
  onPod(listener: (pod: Pod, gone: boolean) => void): void;
  end(): void;
}

export const restartedAtOf = ({ spec }: KubeObject): string | undefined =>
  spec.template.metadata.annotations?.[RESTARTED_AT_ANNOTATION];

export const noteOn = ({ metadata }: KubeObject): LastRestart =>
  parseLastRestart(metadata.annotations?.[LAST_RESTART_ANNOTATION], Date.now());

/** From a restart until its result stands beside it; a claim is no restart yet. */
function isUnderWay(version: KubeObject): boolean {
  const note = noteOn(version);
  return note.state === "known" && note.result === null && restartedAtOf(version) === isoSeconds(note.at);
}

/** How many of these workloads were under way at one moment, at most. */
export function mostUnderWay(versions: readonly KubeObject[]): number {
  const underWay = new Set<string | undefined>();
  let most = 0;
  for (const version of versions) {
    if (isUnderWay(version)) underWay.add(version.metadata.uid);
    else underWay.delete(version.metadata.uid);
    most = Math.max(most, underWay.size);
  }
  return most;
}

const versionNumber = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);

export async function startHistory(cluster: Cluster): Promise<History> {
  const versions = new Map<string, KubeObject[]>();
  const serving = new Map<string, Set<string>>();
  const podListeners: ((pod: Pod, gone: boolean) => void)[] = [];

  const onWorkload = (object: KubeObject): void => {
    const uid = object.metadata.uid ?? "";
    versions.set(uid, [...(versions.get(uid) ?? []), object]);
  };
  const onPod = (object: KubeObject, gone: boolean): void => {
    const pod = object as Pod;
    const { namespace = "", name, deletionTimestamp } = pod.metadata;
    const ready = serving.get(namespace) ?? new Set();
    serving.set(namespace, ready);
    if (!gone && deletionTimestamp === undefined && isReady(pod)) ready.add(name);
    else ready.delete(name);
    for (const listener of podListeners) listener(pod, gone);
  };

  const ends = await Promise.all([
    follow(cluster, "/api/v1/pods", onPod),
    ...WORKLOAD_KINDS.map((kind) => follow(cluster, `/apis/apps/v1/${PLURALS[kind]}`, onWorkload)),
  ]);

  const versionsOf: History["versionsOf"] = async ({ kind, namespace, name }) => {
    const { metadata } = await cluster.api.get<KubeObject>(workloadPath(kind, namespace, name));
    return waitFor(`the history of ${namespace}/${name}`, () => {
      const seen = versions.get(metadata.uid ?? "") ?? [];
      return seen.some((version) => versionNumber(version) >= Number(metadata.resourceVersion)) && seen;
    });
  };

  return {
    versionsOf,
    versionsOfAll: async (refs) =>
      (await Promise.all(refs.map(versionsOf))).flat().sort((a, b) => versionNumber(a) - versionNumber(b)),
    restartsOf: async (ref) => {
      const moments = (await versionsOf(ref)).map(restartedAtOf);
      return moments.filter(
        (moment, index): moment is string => moment !== undefined && index > 0 && moment !== moments[index - 1],
      );
    },
    noteOf: async (ref) => {
      const last = (await versionsOf(ref)).at(-1);
      return last === undefined ? { state: "none" } : noteOn(last);
    },
    watchServing: (namespace) => {
      let least = serving.get(namespace)?.size ?? 0;
      podListeners.push((pod) => {
        if (pod.metadata.namespace === namespace) least = Math.min(least, serving.get(namespace)?.size ?? 0);
      });
      return () => least;
    },
    onPod: (listener) => {
      podListeners.push(listener);
    },
    end: () => {
      for (const end of ends) end();
    },
  };
}
