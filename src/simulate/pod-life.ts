import type { KubePod } from "../model/kubernetes.ts";
import { isoSeconds, SECOND } from "../model/time.ts";
import type { AfterRestart } from "./gateway-spec.ts";
import { CONTAINER } from "./pod-template.ts";
import { type PodDraft, podStatus, putPod, removePod, startLog, tokenEnd } from "./pods.ts";
import type { Revision, StoredWorkload } from "./revisions.ts";
import { logKey, type SimulatedState } from "./state.ts";
import type { Stored } from "./store.ts";

/** Creates a pod, whose container starts and becomes Ready in its time. `changed` is called whenever it has. */
export function createPod(
  state: SimulatedState,
  { startsAfter, readyAfter, refused }: Required<AfterRestart>,
  { workload, revision, place }: { workload: StoredWorkload; revision: Revision; place: number },
  changed: () => void,
): void {
  const { clock, store } = state;
  const draft: PodDraft = {
    createdAt: clock.now(),
    startedAt: null,
    ready: false,
    restartCount: 0,
    node: `node-${place + 1}`,
    terminating: false,
    ordinal: place,
  };
  const { namespace = "", name, uid } = putPod(state, workload, revision, draft).metadata;
  const become = (change: Partial<PodDraft>) => {
    if (store.get("Pod", namespace, name)?.metadata.uid !== uid) return;
    store.edit("Pod", namespace, name, (pod) => {
      pod.status = podStatus({ ...draft, ...change });
    });
    changed();
  };
  clock.after(startsAfter, () => {
    const startedAt = clock.now();
    state.logs.set(
      logKey(namespace, name, CONTAINER),
      startLog(startedAt, { refusedSince: refused ? startedAt : tokenEnd(state, startedAt) }),
    );
    become({ startedAt });
    if (readyAfter !== null) clock.after(readyAfter, () => become({ startedAt, ready: true }));
  });
}

/** Replaces the process that holds the token, in a container that runs: it has the newest token from now on, and goes on logging. */
export function reloadContainer(state: SimulatedState, { namespace, pod, container }: ContainerRef): void {
  const key = logKey(namespace, pod, container);
  const status = state.store
    .get("Pod", namespace, pod)
    ?.status?.containerStatuses?.find(({ name }) => name === container);
  const running = status?.state?.running?.startedAt;
  if (running === undefined) return;
  const startedAt = new Date(running).getTime();
  const now = state.clock.now();
  state.reloads.set(key, now);
  const { fileAge } = state.logs.get(key) ?? { fileAge: null };
  state.logs.set(key, startLog(startedAt, { refusedSince: tokenEnd(state, now), fileAge }));
}

export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Deletes a pod, which goes on running until it is gone. */
export function deletePod(
  state: SimulatedState,
  { goneAfter }: Required<AfterRestart>,
  pod: Stored<KubePod>,
  changed: () => void,
): void {
  const { namespace = "", name, uid } = pod.metadata;
  state.store.edit("Pod", namespace, name, (object) => {
    object.metadata.deletionTimestamp = isoSeconds(state.clock.now());
  });
  state.clock.after(goneAfter, () => {
    const current = state.store.get("Pod", namespace, name);
    if (current?.metadata.uid !== uid) return;
    removePod(state, current);
    changed();
  });
}

/** Unless said otherwise: seconds each, so that a rollover of three pods takes a minute or two. */
export const AFTER_RESTART: Required<AfterRestart> = {
  startsAfter: 3 * SECOND,
  readyAfter: 12 * SECOND,
  // The chart's preStop sleeps 30 s.
  goneAfter: 31 * SECOND,
  refused: false,
};
