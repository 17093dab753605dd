import { describe, expect, it } from "vitest";
import type { KubePod } from "../../src/model/kubernetes.ts";
import type { WorkloadKind } from "../../src/model/workload.ts";
import { podsOf } from "../../src/observe/pods.ts";
import { gateway } from "../support/gateways.ts";

const workload = (kind: WorkloadKind) => gateway({ workload: { kind, uid: "own" } }).workload;

const kubePod = (over: KubePod = {}): KubePod => ({
  ...over,
  metadata: {
    name: "apisix-5d9c7-a",
    uid: "p1",
    creationTimestamp: "2026-06-01T00:00:00Z",
    labels: { "pod-template-hash": "5d9c7" },
    ownerReferences: [{ kind: "ReplicaSet", name: "apisix-5d9c7", uid: "rs", controller: true }],
    ...over.metadata,
  },
  spec: {
    containers: [
      { name: "sidecar", image: "busybox" },
      { name: "apisix", image: "apache/apisix:3.9.1" },
    ],
    ...over.spec,
  },
  status: {
    phase: "Running",
    startTime: new Date("2026-06-01T00:00:01Z"),
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-06-01T00:00:20Z" }],
    containerStatuses: [
      { name: "sidecar", state: { running: { startedAt: "2026-06-01T00:00:02Z" } } },
      { name: "apisix", restartCount: 2, state: { running: { startedAt: "2026-06-09T00:00:00Z" } } },
    ],
    ...over.status,
  },
});

describe("podsOf", () => {
  it("takes the times of the APISIX container, as text or Date", () => {
    expect(podsOf(workload("Deployment"), [kubePod()], null)).toMatchObject([
      {
        name: "apisix-5d9c7-a",
        createdAt: Date.parse("2026-06-01T00:00:00Z"),
        startTime: Date.parse("2026-06-01T00:00:01Z"),
        revision: "5d9c7",
        ready: true,
        readyChangedAt: Date.parse("2026-06-01T00:00:20Z"),
        container: {
          name: "apisix",
          image: "apache/apisix:3.9.1",
          startedAt: Date.parse("2026-06-09T00:00:00Z"),
          restartCount: 2,
        },
      },
    ]);
  });

  const owned = (reference: object, labels: Record<string, string> = {}) =>
    kubePod({ metadata: { ownerReferences: [{ controller: true, ...reference }], labels } });

  it.each<[string, WorkloadKind, KubePod, number]>([
    ["of its ReplicaSet", "Deployment", kubePod(), 1],
    [
      "of a ReplicaSet of another Deployment",
      "Deployment",
      owned({ kind: "ReplicaSet", name: "other-5d9c7" }, { "pod-template-hash": "5d9c7" }),
      0,
    ],
    [
      "of an Argo Rollout",
      "Deployment",
      owned({ kind: "ReplicaSet", name: "apisix-5d9c7" }, { "rollouts-pod-template-hash": "5d9c7" }),
      0,
    ],
    ["of nobody", "Deployment", kubePod({ metadata: { ownerReferences: [] } }), 0],
    ["of the DaemonSet", "DaemonSet", owned({ kind: "DaemonSet", uid: "own" }), 1],
    ["of another DaemonSet", "DaemonSet", owned({ kind: "DaemonSet", uid: "other" }), 0],
    ["of the StatefulSet", "StatefulSet", owned({ kind: "StatefulSet", uid: "own" }), 1],
    [
      "only mentioned, not controlled",
      "StatefulSet",
      kubePod({ metadata: { ownerReferences: [{ kind: "StatefulSet", uid: "own" }] } }),
      0,
    ],
    ["that terminates", "Deployment", kubePod({ metadata: { deletionTimestamp: "2026-06-10T00:00:00Z" } }), 0],
    ["that is Pending", "Deployment", kubePod({ status: { phase: "Pending" } }), 1],
    ["that failed", "Deployment", kubePod({ status: { phase: "Failed" } }), 0],
    ["that ended", "Deployment", kubePod({ status: { phase: "Succeeded" } }), 0],
    ["without a phase", "Deployment", { ...kubePod(), status: {} }, 0],
  ])("a pod %s", (_case, kind, pod, count) => {
    expect(podsOf(workload(kind), [pod], null)).toHaveLength(count);
  });

  it.each([
    ["waiting", [{ name: "apisix", state: { waiting: { reason: "ContainerCreating" } } }]],
    ["ended", [{ name: "apisix", state: { terminated: { reason: "Error" } } }]],
    ["without a status", []],
    ["with an unreadable start", [{ name: "apisix", state: { running: { startedAt: "yesterday" } } }]],
    ["with a start that is no date", [{ name: "apisix", state: { running: { startedAt: new Date("x") } } }]],
  ])("a container %s holds no token", (_case, containerStatuses) => {
    const [pod] = podsOf(workload("Deployment"), [kubePod({ status: { containerStatuses } })], null);
    expect(pod?.container?.startedAt).toBeNull();
  });
});
