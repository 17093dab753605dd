import { beforeAll, expect, test } from "vitest";
import { type KubeList, type Pod, podPath } from "../../support/control-plane/cluster/objects.ts";
import {
  gatewayDaemonSet,
  gatewayDeployment,
  gatewaySelector,
  gatewaySupport,
} from "../../support/control-plane/manifests.ts";
import { describeCluster } from "../../support/control-plane/suite.ts";

const DAY = 86_400_000;
const selector = gatewaySelector("shop");

/** The tests below are about the test bed itself: what others build on must be true. */
describeCluster("simulated gateways", ({ cluster }) => {
  let namespace: string;
  let pods: Pod[];

  beforeAll(async () => {
    namespace = await cluster.namespace();
    const shop = { name: "shop", namespace, replicas: 3, sidecars: [{ name: "exporter", image: "exporter:1" }] };
    await cluster.apply([...gatewaySupport(shop), gatewayDeployment(shop)]);
    pods = await cluster.pods.ready(namespace, selector, 3);
  });

  test("run on every node, with the status a kubelet would report", () => {
    expect(new Set(pods.map((pod) => pod.spec.nodeName))).toEqual(new Set(["node-1", "node-2", "node-3"]));
    for (const { status } of pods) {
      expect(status.containerStatuses?.map(({ name }) => name)).toEqual(["apisix", "exporter"]);
      expect(status.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0 });
      expect(status.containerStatuses?.[0]?.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    }
  });

  test("a DaemonSet gets one pod per node from the real scheduler", async () => {
    const edge = { name: "edge", namespace };
    await cluster.apply([...gatewaySupport(edge), gatewayDaemonSet(edge)]);
    const daemons = await cluster.pods.ready(namespace, gatewaySelector("edge"), 3);
    expect(new Set(daemons.map((pod) => pod.spec.nodeName)).size).toBe(3);
  });

  test("a container restarts in place: a new id and start time, the pod and its neighbour stay", async () => {
    const before = pods[0] as Pod;
    await cluster.pods.age(namespace, selector, { created: new Date(Date.now() - DAY) });
    const after = await cluster.pods.restartContainer({ namespace, name: before.metadata.name }, "apisix");
    const [apisix, exporter] = after.status.containerStatuses ?? [];
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(apisix?.containerID).not.toBe(before.status.containerStatuses?.[0]?.containerID);
    expect(Date.parse(apisix?.state.running?.startedAt ?? "")).toBeGreaterThan(Date.now() - 60_000);
    expect(apisix?.lastState?.terminated?.reason).toBe("OOMKilled");
    expect(exporter?.containerID).toBe(before.status.containerStatuses?.[1]?.containerID);
    expect(exporter?.restartCount).toBe(0);
  });

  test("an aged pod is old in a LIST, stays writable, and its successor is young", async () => {
    const created = new Date("2020-01-01T00:00:00Z");
    const started = new Date("2020-01-02T00:00:00Z");
    await cluster.pods.age(namespace, selector, { created, started });
    const [old] = await cluster.pods.list(namespace, selector);
    if (old === undefined) throw new Error("no pod");
    expect(old.metadata.creationTimestamp).toBe("2020-01-01T00:00:00Z");
    expect(old.status.startTime).toBe("2020-01-02T00:00:00Z");
    expect(old.status.containerStatuses?.[0]?.state.running?.startedAt).toBe("2020-01-02T00:00:00Z");

    const ref = { namespace, name: old.metadata.name };
    const written = await cluster.api.patch<Pod>(podPath(ref), { metadata: { labels: { touched: "yes" } } });
    expect(written.metadata.creationTimestamp).toBe("2020-01-01T00:00:00Z");

    await cluster.api.delete(podPath(ref));
    const successors = await cluster.pods.ready(namespace, selector, 3);
    const young = successors.filter((pod) => Date.parse(pod.metadata.creationTimestamp ?? "") > Date.now() - 60_000);
    expect(young).toHaveLength(1);
  });

  test("thousands of unrelated pods are there at once, and no controller touches them", async () => {
    const crowd = await cluster.namespace("crowd");
    await cluster.writeUnrelatedPods(crowd, 1000);
    const path = `/api/v1/namespaces/${crowd}/pods?limit=500`;
    const first = await cluster.api.get<KubeList<Pod>>(path);
    expect(first.items).toHaveLength(500);
    const second = await cluster.api.get<KubeList<Pod>>(`${path}&continue=${first.metadata.continue}`);
    expect(second.items).toHaveLength(500);
    expect(second.items.every((pod) => pod.status.phase === "Running")).toBe(true);
  });
});
