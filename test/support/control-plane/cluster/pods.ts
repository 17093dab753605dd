import type { ApiClient } from "./api.ts";
import type { Etcd } from "./etcd.ts";
import { isReady, type KubeList, type Pod, type PodRef, podPath } from "./objects.ts";
import { waitFor } from "./wait.ts";

/** What a pod's age consists of. */
export interface Age {
  readonly created: Date;
  /** When its containers started, `created` by default. */
  readonly started?: Date;
}

/** Pods in the states which tests need and time would bring only after months. */
export class Pods {
  readonly #api: ApiClient;
  readonly #etcd: Etcd;

  constructor(api: ApiClient, etcd: Etcd) {
    this.#api = api;
    this.#etcd = etcd;
  }

  get(pod: PodRef): Promise<Pod> {
    return this.#api.get<Pod>(podPath(pod));
  }

  /** @param selector - label selector, e.g. `app.kubernetes.io/instance=shop`; all pods by default */
  async list(namespace: string, selector = ""): Promise<Pod[]> {
    const query = `labelSelector=${encodeURIComponent(selector)}`;
    return (await this.#api.get<KubeList<Pod>>(`/api/v1/namespaces/${namespace}/pods?${query}`)).items;
  }

  /** Until exactly so many pods exist and all are Ready, none of them on its way out. */
  async ready(namespace: string, selector: string, count: number): Promise<Pod[]> {
    return waitFor(`${count} Ready pods of ${selector} in ${namespace}`, async () => {
      const pods = await this.list(namespace, selector);
      const settled = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
      return pods.length === count && settled.length === count && pods;
    });
  }

  /**
   * Makes running pods old. The API sets creationTimestamp itself, hence this goes to etcd. Pods which a restart
   * creates later are young, as they should be.
   */
  async age(namespace: string, selector: string, age: Age): Promise<Pod[]> {
    const pods = await this.list(namespace, selector);
    if (pods.length === 0) throw new Error(`no pods match ${selector} in ${namespace}`);
    const key = (pod: Pod) => `pods/${namespace}/${pod.metadata.name}`;
    return Promise.all(pods.map((pod) => this.#etcd.rewrite<Pod>(key(pod), (stored) => setAge(stored, age))));
  }

  /** Restarts one container in place, as the kubelet does after a crash, and waits until the pod is Ready again. */
  async restartContainer(pod: PodRef, container: string): Promise<Pod> {
    const count = restartsOf(await this.get(pod), container) + 1;
    const annotations = { "kwok.test/restart": container, "kwok.test/restart-count": String(count) };
    await this.#api.patch(podPath(pod), { metadata: { annotations } });
    return waitFor(`${container} of ${pod.name} to restart`, async () => {
      const now = await this.get(pod);
      return restartsOf(now, container) === count && isReady(now) && now;
    });
  }
}

function setAge(pod: Pod, { created, started = created }: Age): void {
  const startedAt = timestamp(started);
  pod.metadata.creationTimestamp = timestamp(created);
  pod.status.startTime = startedAt;
  for (const condition of pod.status.conditions ?? []) condition.lastTransitionTime = startedAt;
  for (const { state } of pod.status.containerStatuses ?? []) {
    if (state.running) state.running.startedAt = startedAt;
  }
}

function restartsOf(pod: Pod, container: string): number {
  const status = pod.status.containerStatuses?.find(({ name }) => name === container);
  if (status === undefined) throw new Error(`${pod.metadata.name} has no container ${container}`);
  return status.restartCount;
}

/** Whole seconds: the precision of times in the Kubernetes API. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
