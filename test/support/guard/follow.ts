import { KubeConfig, Watch } from "@kubernetes/client-node";
import type { KubeList, KubeObject } from "../control-plane/cluster/objects.ts";
import type { Cluster } from "../control-plane/cluster.ts";

/** In milliseconds: not at once, should the API server be gone for good. */
const RECONNECT_PAUSE = 100;

/**
 * Follows the gateways' objects of one kind in all namespaces, from now on and as the administrator. Every version of every object
 * is told, in order: what lasts for a moment only is seen as well, which repeated looks would miss.
 *
 * @param path `/apis/apps/v1/deployments`
 * @returns ends it
 */
export async function follow(
  cluster: Cluster,
  path: string,
  onVersion: (object: KubeObject, gone: boolean) => void,
): Promise<() => void> {
  const labelSelector = "app.kubernetes.io/name=apisix";
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig());
  const watch = new Watch(config);
  const list = await cluster.api.get<KubeList>(`${path}?labelSelector=${labelSelector}`);
  let { resourceVersion } = list.metadata;
  let connection: AbortController | undefined;
  let ended = false;
  const connect = async (): Promise<void> => {
    connection = await watch.watch(
      path,
      { labelSelector, resourceVersion, allowWatchBookmarks: true },
      (type, object: KubeObject) => {
        resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
        if (type !== "BOOKMARK") onVersion(object, type === "DELETED");
      },
      // The client gives up a connection on which nothing happens for a while.
      () => void (ended || setTimeout(() => void connect(), RECONNECT_PAUSE)),
    );
  };
  await connect();
  return () => {
    ended = true;
    connection?.abort();
  };
}
