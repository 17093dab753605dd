import { readFile } from "node:fs/promises";
import { isReady, type KubeList, type KubeObject, type Pod } from "../cluster/objects.ts";
import { waitFor } from "../cluster/wait.ts";
import type { Cluster } from "../cluster.ts";
import type { programs } from "./programs.ts";
import type { ProgramSpec } from "./protocol.ts";
import type { Supervisor } from "./supervisor.ts";

/** A cold file cache on a busy machine may take that long, in milliseconds. */
const START_TIMEOUT = 60_000;

interface Start {
  readonly cluster: Cluster;
  readonly supervisor: Supervisor;
  readonly specs: ReturnType<typeof programs>;
  /** Files with CustomResourceDefinitions. */
  readonly crds: readonly string[];
  readonly nodes: number;
  readonly scheduler: boolean;
}

/** Starts the programs in the order in which they need each other. */
export async function bringUp({ cluster, supervisor, specs, crds, nodes, scheduler }: Start): Promise<void> {
  const { api } = cluster;
  await supervisor.run(specs.etcd);
  await runApiServer(cluster, supervisor, specs.apiServer);

  // Only now: when it cannot reach the API server, the controller manager waits a whole second before it looks again.
  await supervisor.run(specs.controllerManager);
  if (scheduler) await supervisor.run(specs.scheduler);

  await cluster.apply(nodeManifests(nodes));
  for (const file of crds) await cluster.apply(await readFile(file, "utf8"));
  await until("kwok's kinds to be served", supervisor, async () => {
    const { resources } = await api.get<{ resources: unknown[] }>("/apis/kwok.x-k8s.io/v1alpha1");
    return resources.length >= crds.length;
  });

  // After its kinds: it gives up when they are missing.
  await supervisor.run(specs.kwok);
  await until("Ready nodes", supervisor, async () => {
    const list = await api.get<KubeList<Pod>>("/api/v1/nodes");
    return list.items.filter(isReady).length >= nodes;
  });
  // Pods are refused until it exists.
  await until("the default ServiceAccount", supervisor, () =>
    api.get<KubeObject>("/api/v1/namespaces/default/serviceaccounts/default"),
  );
}

/** Also used to start it again. */
export async function runApiServer(cluster: Cluster, supervisor: Supervisor, spec: ProgramSpec): Promise<void> {
  await supervisor.run(spec);
  await until("kube-apiserver to be ready", supervisor, async () => {
    // Whoever took the port may accept the connection and never answer.
    const { status } = await cluster.request("GET", "/readyz", { timeout: 1000 });
    return status === 200;
  });
}

/** Gives up as soon as a program has ended, whichever it is. */
async function until(what: string, supervisor: Supervisor, probe: () => Promise<unknown>): Promise<void> {
  let failure: string | undefined;
  const look = async () => {
    failure = await supervisor.failure();
    return failure !== undefined || (await probe());
  };
  await waitFor(what, look, { timeout: START_TIMEOUT });
  if (failure !== undefined) throw new Error(failure);
}

function nodeManifests(count: number): KubeObject[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `node-${index + 1}`;
    const labels = { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", type: "kwok" };
    return { apiVersion: "v1", kind: "Node", metadata: { name, labels } };
  });
}
