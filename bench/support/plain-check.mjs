// What somebody would write in an afternoon: list the gateways, list their pods, read their logs one after another.
import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";

const config = new KubeConfig();
config.loadFromFile(process.argv[2]);
const apps = config.makeApiClient(AppsV1Api);
const core = config.makeApiClient(CoreV1Api);

const gateways = await apps.listDeploymentForAllNamespaces({ labelSelector: "app.kubernetes.io/name=apisix" });
for (const { metadata, spec } of gateways.items) {
  const labelSelector = Object.entries(spec.selector.matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const pods = await core.listNamespacedPod({ namespace: metadata.namespace, labelSelector });
  for (const pod of pods.items) {
    const log = await core.readNamespacedPodLog({
      namespace: metadata.namespace,
      name: pod.metadata.name,
      container: "apisix",
      sinceSeconds: 140,
      timestamps: true,
    });
    const refused = log.split("\n").filter((line) => line.includes("informer_factory.lua") && line.includes("401"));
    console.log(metadata.namespace, metadata.name, pod.metadata.name, pod.metadata.creationTimestamp, refused.length);
  }
}
