import { type Asked, TO_READ_VERSION, toList, toRead, toReadLog, toReadWorkload } from "../model/asked.ts";
import { type Read, read, unread } from "../model/read.ts";
import { type Instant, SECOND } from "../model/time.ts";
import type { Cluster, LogRequest } from "../ports.ts";
import { simulatedAccess } from "./access.ts";
import { serveLog } from "./container-log.ts";
import { runCommand } from "./exec.ts";
import { simulatedFollow } from "./follow.ts";
import { labelTest } from "./label-selector.ts";
import { type Call, failure } from "./refusals.ts";
import { simulatedRestarter } from "./restarter.ts";
import { getWorkload } from "./revisions.ts";
import { logKey, type SimulatedState } from "./state.ts";
import type { Kind, Kinds, Stored } from "./store.ts";

/** Logs arrive in pieces of any size; a small one shows readers that count on whole lines. */
const CHUNK_BYTES = 1024;

/** The ports over a simulated cluster. */
export function simulatedPorts(state: SimulatedState): Cluster {
  const { store, refusals } = state;

  const list = async <K extends Kind>(
    call: Call,
    kind: K,
    resource: string,
    namespace: string | null,
    selector: string,
  ): Promise<Read<Stored<Kinds[K]>[]>> => {
    const asked = toList(resource, namespace);
    const refused = refusals.find({ call, asked, namespace });
    if (refused !== null) return unread(refused);
    const matches = labelTest(selector);
    if (matches === null) return unread(failure("Refused", asked));
    return read(store.list(kind, namespace).filter((object) => matches(object.metadata.labels)));
  };

  const one = async <K extends Kind>(
    call: Call,
    kind: K,
    asked: Asked,
    namespace: string | null,
    name: string,
  ): Promise<Read<Stored<Kinds[K]>>> => {
    const refused = refusals.find({ call, asked, namespace, name });
    if (refused !== null) return unread(refused);
    const object = store.get(kind, namespace, name);
    return object === null ? unread(failure("NotFound", asked)) : read(object);
  };

  return {
    workloads: {
      server: async () => {
        const refused = refusals.find({ call: "server", asked: TO_READ_VERSION, namespace: null });
        if (refused !== null) return unread(refused);
        const at = dateHeader(state);
        return read({ at, localAt: at + state.clockSkew, gitVersion: state.gitVersion });
      },
      deployments: (namespace, selector) => list("deployments", "Deployment", "deployments.apps", namespace, selector),
      daemonSets: (namespace, selector) => list("daemonSets", "DaemonSet", "daemonsets.apps", namespace, selector),
      statefulSets: (namespace, selector) =>
        list("statefulSets", "StatefulSet", "statefulsets.apps", namespace, selector),
      rollouts: (namespace, selector) => list("rollouts", "Rollout", "rollouts.argoproj.io", namespace, selector),
      follow: simulatedFollow(state),
      workload: async (ref) => {
        const { kind, namespace, name } = ref;
        const asked = toReadWorkload(ref);
        const refused = refusals.find({ call: "workload", asked, namespace, name });
        if (refused !== null) return unread(refused);
        const workload = getWorkload(state, kind, namespace, name);
        return workload === null ? unread(failure("NotFound", asked)) : read(workload);
      },
      pods: (namespace, selector) => list("pods", "Pod", "pods", namespace, selector),
      replicaSets: (namespace, selector) => list("replicaSets", "ReplicaSet", "replicasets.apps", namespace, selector),
      controllerRevisions: (namespace, selector) =>
        list("controllerRevisions", "ControllerRevision", "controllerrevisions.apps", namespace, selector),
      configMap: (namespace, name) =>
        one("configMap", "ConfigMap", toRead("ConfigMap", "configmaps", namespace, name), namespace, name),
      serviceAccount: (namespace, name) =>
        one(
          "serviceAccount",
          "ServiceAccount",
          toRead("ServiceAccount", "serviceaccounts", namespace, name),
          namespace,
          name,
        ),
      node: (name) => one("node", "Node", toRead("node", "nodes", null, name), null, name),
    },
    logs: { read: async (request, onChunk) => readLog(state, request, onChunk) },
    exec: { run: async (request) => runCommand(state, request) },
    access: simulatedAccess(state),
    restarter: simulatedRestarter(state, "store"),
    dryRunRestarter: simulatedRestarter(state, "dryRun"),
  };
}

/** The API server's Date header has whole seconds. */
const dateHeader = ({ clock }: SimulatedState): Instant => Math.floor(clock.now() / SECOND) * SECOND;

function readLog(state: SimulatedState, request: LogRequest, onChunk: (chunk: Uint8Array) => void) {
  const { namespace, pod: name, container, sinceSeconds, limitBytes, maxBytes } = request;
  const asked = toReadLog(namespace, name, container);
  const refused = state.refusals.find({ call: "log", asked, namespace, name });
  if (refused !== null) return unread(refused);
  const pod = state.store.get("Pod", namespace, name);
  if (pod === null) return unread(failure("NotFound", asked));
  const status = pod.status?.containerStatuses?.find((candidate) => candidate.name === container);
  const startedAt = status?.state?.running?.startedAt;
  // As a kubelet: "container … is waiting to start", "container … is not valid for pod …".
  if (startedAt === undefined) return unread(failure("Refused", asked));
  const log = state.logs.get(logKey(namespace, name, container)) ?? { sources: [], fileAge: null };
  const view = { startedAt: new Date(startedAt).getTime(), now: state.clock.now(), sinceSeconds, limitBytes };
  let bytes = 0;
  for (const piece of serveLog(log, view)) {
    for (let start = 0; start < piece.length; start += CHUNK_BYTES) {
      const chunk = piece.subarray(start, Math.min(start + CHUNK_BYTES, piece.length, start + maxBytes - bytes));
      bytes += chunk.length;
      if (chunk.length > 0) onChunk(chunk);
      if (chunk.length < Math.min(CHUNK_BYTES, piece.length - start)) {
        return read({ at: dateHeader(state), bytes, capped: true });
      }
    }
  }
  return read({ at: dateHeader(state), bytes, capped: false });
}
