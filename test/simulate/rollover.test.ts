import { describe, expect, it } from "vitest";
import { RESTARTED_AT_ANNOTATION } from "../../src/model/annotations.ts";
import type { KubeDeployment, KubePod } from "../../src/model/kubernetes.ts";
import { MINUTE, SECOND } from "../../src/model/time.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import type { GatewaySpec } from "../../src/simulate/gateway-spec.ts";

/** Restarts a gateway and looks every second, until `length` is over, what pods there are. */
async function restart(spec: GatewaySpec, length = 10 * MINUTE) {
  const cluster = simulateCluster({ now: Date.UTC(2026, 5, 10) });
  const { kind, namespace, name } = cluster.addGateway(spec);
  const ref = { kind, namespace, name };
  const before = new Set(cluster.store.list("Pod", namespace).map(({ metadata }) => metadata.uid));
  const { resourceVersion = "" } = await metadataOf(cluster, ref);
  expect((await cluster.restarter.patch(ref, restartPatch(resourceVersion))).ok).toBe(true);
  const looks = [];
  for (let passed = 0; passed <= length; passed += SECOND) {
    const pods = cluster.store.list("Pod", namespace);
    const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    looks.push({
      all: pods.length,
      living: living.length,
      available: living.filter(isReady).length,
      fresh: living.filter(({ metadata }) => !before.has(metadata.uid)).length,
      names: living.filter(({ metadata }) => !before.has(metadata.uid)).map(({ metadata }) => metadata.name),
    });
    cluster.clock.advance(SECOND);
  }
  const workload = await cluster.workloads.workload(ref);
  return { cluster, ref, looks, end: looks[looks.length - 1], object: workload.ok ? workload.value.object : null };
}

const restartPatch = (resourceVersion: string, at = "2026-06-10T00:00:00Z") => ({
  metadata: { resourceVersion, annotations: {} },
  spec: { template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: at } } } },
});

const isReady = ({ status }: KubePod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

async function metadataOf(cluster: SimulatedCluster, ref: Parameters<SimulatedCluster["workloads"]["workload"]>[0]) {
  const answer = await cluster.workloads.workload(ref);
  return (answer.ok && answer.value.object.metadata) || {};
}

describe("after a restart", () => {
  it.each<[string, GatewaySpec, { available: number; living: number }]>([
    ["a Deployment of three by default", {}, { available: 3, living: 4 }],
    ["a Deployment of four by default", { replicas: 4 }, { available: 3, living: 5 }],
    ["a Deployment of one by default", { replicas: 1 }, { available: 1, living: 2 }],
    ["a Deployment without surge", { replicas: 4, maxSurge: 0, maxUnavailable: 2 }, { available: 2, living: 4 }],
    ["a Deployment with neither", { maxSurge: 0, maxUnavailable: 0 }, { available: 2, living: 3 }],
    ["a DaemonSet", { kind: "DaemonSet" }, { available: 2, living: 3 }],
    ["a DaemonSet that may lose two", { kind: "DaemonSet", maxUnavailable: 2 }, { available: 1, living: 3 }],
    ["a StatefulSet", { kind: "StatefulSet" }, { available: 2, living: 3 }],
    ["a Deployment that is recreated", { strategy: "Recreate" }, { available: 0, living: 3 }],
  ])("%s never has fewer or more pods than it may, and ends with new ones", async (_name, spec, limits) => {
    const { looks, end } = await restart(spec);
    const replicas = spec.replicas ?? 3;
    expect(Math.min(...looks.map(({ available }) => available))).toBe(limits.available);
    expect(Math.max(...looks.map(({ living }) => living))).toBe(limits.living);
    expect(end).toMatchObject({ all: replicas, available: replicas, fresh: replicas });
  });

  it.each<[string, GatewaySpec, number]>([
    ["OnDelete replaces nothing", { kind: "DaemonSet", strategy: "OnDelete" }, 0],
    ["a paused Deployment replaces nothing", { paused: true }, 0],
    ["a partition keeps the lower ordinals", { kind: "StatefulSet", partition: 1 }, 2],
  ])("%s", async (_name, spec, fresh) => {
    expect((await restart(spec)).end).toMatchObject({ all: 3, available: 3, fresh });
  });

  it("a StatefulSet begins with the highest ordinal", async () => {
    const { looks } = await restart({ kind: "StatefulSet" });
    const orders = [...new Set(looks.map(({ names }) => names.join()))];
    expect(orders).toEqual(["", "apisix-2", "apisix-1,apisix-2", "apisix-0,apisix-1,apisix-2"]);
  });

  it("new pods that never become Ready leave the old ones, and a Deployment says so at its deadline", async () => {
    const { looks, object } = await restart({ afterRestart: { readyAfter: null } }, 11 * MINUTE);
    expect(Math.min(...looks.map(({ available }) => available))).toBe(3);
    const { status } = object as KubeDeployment;
    expect(status).toMatchObject({ replicas: 4, updatedReplicas: 1, readyReplicas: 3 });
    expect(status?.conditions?.find(({ type }) => type === "Progressing")).toMatchObject({
      status: "False",
      reason: "ProgressDeadlineExceeded",
    });
  });

  it("a newer restart has a deadline of its own", async () => {
    const { cluster, ref } = await restart({ afterRestart: { readyAfter: null } }, 5 * MINUTE);
    const { resourceVersion = "" } = await metadataOf(cluster, ref);
    await cluster.restarter.patch(ref, restartPatch(resourceVersion, "2026-06-10T00:05:00Z"));
    const reasonAfter = (length: number) => {
      cluster.clock.advance(length);
      const deployment = cluster.store.get("Deployment", ref.namespace, ref.name);
      return deployment?.status?.conditions?.find(({ type }) => type === "Progressing")?.reason;
    };
    expect([reasonAfter(6 * MINUTE), reasonAfter(5 * MINUTE)]).toEqual([
      "ReplicaSetUpdated",
      "ProgressDeadlineExceeded",
    ]);
  });

  it("a Deployment that is done does not exceed its deadline", async () => {
    const { object } = await restart({}, 11 * MINUTE);
    const conditions = (object as KubeDeployment).status?.conditions;
    expect(conditions?.find(({ type }) => type === "Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
  });

  it("the status of a StatefulSet tells both revisions while it rolls, and one in the end", async () => {
    const half = await restart({ kind: "StatefulSet" }, 40 * SECOND);
    const { currentRevision, updateRevision } = (half.object?.status ?? {}) as Record<string, string>;
    expect(currentRevision).not.toBe(updateRevision);
    const { object } = await restart({ kind: "StatefulSet" });
    expect(object?.status).toMatchObject({ currentRevision: updateRevision, updateRevision, updatedReplicas: 3 });
  });
});
