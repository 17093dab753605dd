import type { WorkloadKind } from "../../../src/model/workload.ts";
import { isReady, type KubeObject, type Pod, podPath } from "../control-plane/cluster/objects.ts";
import { waitFor } from "../control-plane/cluster/wait.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import {
  type GatewayOptions,
  gatewayDaemonSet,
  gatewayDeployment,
  gatewaySelector,
  gatewayStatefulSet,
  gatewaySupport,
} from "../control-plane/manifests.ts";
import { discoveryGrant } from "./guard-identity.ts";

/** Every gateway of these tests is called so: they are told apart by their namespaces. */
export const GATEWAY = "apisix";

/** A DaemonSet gets a pod on each node of the shared control plane. */
const NODES = 3;

const KINDS = {
  Deployment: { manifest: gatewayDeployment, plural: "deployments" },
  DaemonSet: { manifest: gatewayDaemonSet, plural: "daemonsets" },
  StatefulSet: { manifest: gatewayStatefulSet, plural: "statefulsets" },
} as const;

/** Pods that never get further than this. */
export interface Stuck {
  readonly before: "start" | "ready";
  readonly count: number;
}

export interface Placement {
  readonly kind: WorkloadKind;
  readonly replicas: number;
  readonly options: Partial<GatewayOptions>;
  /** The last ones by name. */
  readonly stuck: Stuck | null;
  /** Whether its ServiceAccount may list endpoints. */
  readonly mayDiscover: boolean;
}

/** A gateway that runs in a namespace of its own, and what may happen to it. */
export interface PlacedGateway {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Merge patch; resolves when the controller has seen it. */
  readonly patch: (change: object) => Promise<void>;
  /** By name. */
  readonly pods: () => Promise<Pod[]>;
  /** Looks until this holds of the workload, whose controller has seen its newest spec, and of its pods. */
  readonly until: (what: string, holds: (workload: KubeObject, pods: readonly Pod[]) => boolean) => Promise<void>;
}

/** Creates a gateway and waits until as many of its pods serve as ever will. */
export async function placeGateway(cluster: Cluster, namespace: string, placement: Placement): Promise<PlacedGateway> {
  const { kind, stuck, options, mayDiscover } = placement;
  const replicas = kind === "DaemonSet" ? NODES : placement.replicas;
  const podAnnotations = stuck === null ? {} : { [holdingBack(stuck)]: "true" };
  const gateway: GatewayOptions = { name: GATEWAY, replicas, podAnnotations, ...options, namespace };
  await cluster.apply([
    ...gatewaySupport(gateway),
    ...(mayDiscover ? discoveryGrant(namespace, GATEWAY) : []),
    KINDS[kind].manifest(gateway),
  ]);
  const placed = placedGateway(
    cluster,
    namespace,
    `/apis/apps/v1/namespaces/${namespace}/${KINDS[kind].plural}/${GATEWAY}`,
  );
  if (stuck !== null) await letGo(placed, replicas - stuck.count, replicas, stuck);
  const serving = replicas - (stuck?.count ?? 0);
  await placed.until(`${serving} of ${replicas} pods to serve`, ({ status }, pods) => {
    const { available, updated } = figuresOf(status ?? {});
    const running = pods.filter(({ status: { phase } }) => phase === "Running").length;
    const started = stuck?.before === "start" ? serving : replicas;
    return pods.length === replicas && available === serving && updated === replicas && running === started;
  });
  return placed;
}

function placedGateway(cluster: Cluster, namespace: string, path: string): PlacedGateway {
  const pods = async () => {
    const listed = await cluster.pods.list(namespace, gatewaySelector(GATEWAY));
    return listed.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  };
  const until: PlacedGateway["until"] = async (what, holds) => {
    await waitFor(
      `${what} in ${namespace}`,
      async () => {
        const object = await cluster.api.get<KubeObject>(path);
        const observed = object.status?.observedGeneration === object.metadata.generation;
        return observed && holds(object, await pods());
      },
      { interval: 150, timeout: 40_000 },
    );
  };
  const patch = async (change: object) => {
    await cluster.api.patch(path, change);
    await until("the controller to see a change", () => true);
  };
  return { cluster, namespace, pods, until, patch };
}

const holdingBack = ({ before }: Stuck): string => `kwok.test/never-${before}`;

/** Every pod is born stuck, because all come from one template. */
async function letGo(placed: PlacedGateway, count: number, total: number, stuck: Stuck): Promise<void> {
  await placed.until("its pods", (_, pods) => pods.length === total && pods.every(({ status }) => status.startTime));
  const free = (await placed.pods()).slice(0, count);
  const { api } = placed.cluster;
  const annotations = { [holdingBack(stuck)]: null };
  await Promise.all(
    free.map(({ metadata: { name } }) =>
      api.patch(podPath({ namespace: placed.namespace, name }), { metadata: { annotations } }),
    ),
  );
  await placed.until("the pods let go", (_, pods) => pods.filter(isReady).length === count);
}

/** The API leaves out what is zero. */
function figuresOf(status: KubeObject["status"]): { available: number; updated: number } {
  return {
    available: status.availableReplicas ?? status.numberAvailable ?? 0,
    updated: status.updatedReplicas ?? status.updatedNumberScheduled ?? 0,
  };
}
