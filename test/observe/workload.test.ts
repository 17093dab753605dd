import { describe, expect, it } from "vitest";
import type { KubeDaemonSet, KubeDeployment, KubeStatefulSet, KubeWorkload } from "../../src/model/kubernetes.ts";
import { workloadOf } from "../../src/observe/workload.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");
const metadata = { name: "apisix", namespace: "edge", uid: "u1", resourceVersion: "7", generation: 3 };
const selector = { matchLabels: { app: "apisix" } };

const deployment = (spec: KubeDeployment["spec"] = {}, status: KubeDeployment["status"] = {}): KubeWorkload => ({
  kind: "Deployment",
  object: { metadata, spec: { selector, ...spec }, status },
});
const daemonSet = (spec: KubeDaemonSet["spec"] = {}, status: KubeDaemonSet["status"] = {}): KubeWorkload => ({
  kind: "DaemonSet",
  object: { metadata, spec: { selector, ...spec }, status },
});
const statefulSet = (spec: KubeStatefulSet["spec"] = {}, status: KubeStatefulSet["status"] = {}): KubeWorkload => ({
  kind: "StatefulSet",
  object: { metadata, spec: { selector, ...spec }, status },
});

function map(source: KubeWorkload) {
  const workload = workloadOf(source, NOW);
  if ("missing" in workload) throw new Error(workload.missing);
  return workload;
}

describe("workloadOf", () => {
  it("takes the API's defaults and counts absent numbers as zero", () => {
    expect(map(deployment())).toMatchObject({
      namespace: "edge",
      name: "apisix",
      podSelector: "app=apisix",
      optedOut: false,
      lastRestart: { state: "none" },
      template: { restartedAt: null, serviceAccount: "default", container: null, configMaps: [] },
      figures: {
        strategy: "RollingUpdate",
        desired: 1,
        total: 0,
        updated: 0,
        available: 0,
        generation: 3,
        observedGeneration: 0,
      },
    });
  });

  it("counts what is no number as absent: nothing of an answer is shown that was not understood", () => {
    const text = "eyJhbGciOiJSUzI1NiJ9" as unknown as number;
    const odd = { replicas: text, updatedReplicas: text, readyReplicas: Number.NaN, availableReplicas: text };
    const absent = { desired: 1, total: 0, updated: 0, ready: 0, available: 0, observedGeneration: 0 };
    expect(map(deployment({ replicas: text }, { ...odd, observedGeneration: text })).figures).toMatchObject(absent);
    expect(map(statefulSet({ replicas: text }, odd)).figures).toMatchObject(absent);
    expect(map(daemonSet({}, { desiredNumberScheduled: text, numberReady: text })).figures).toMatchObject({
      desired: 0,
      ready: 0,
    });
  });

  it.each([
    ["Deployment, default of 4", deployment({ replicas: 4 }), 1],
    ["Deployment, default of 3 rounds down, surge makes up for it", deployment({ replicas: 3 }), 0],
    ["Deployment, 50 % of 5", deployment({ replicas: 5, strategy: { rollingUpdate: { maxUnavailable: "50%" } } }), 2],
    [
      "Deployment, 0 and no surge",
      deployment({ replicas: 5, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } }),
      1,
    ],
    [
      "Deployment, 0 and surge",
      deployment({ replicas: 5, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }),
      0,
    ],
    [
      "Deployment, unreadable",
      deployment({ replicas: 5, strategy: { rollingUpdate: { maxUnavailable: "x", maxSurge: 1 } } }),
      0,
    ],
    ["DaemonSet, default", daemonSet({}, { desiredNumberScheduled: 5 }), 1],
    [
      "DaemonSet, 30 % of 5 rounds up",
      daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable: "30%" } } }, { desiredNumberScheduled: 5 }),
      2,
    ],
    ["StatefulSet, default", statefulSet({ replicas: 3 }), 1],
  ])("maxUnavailable: %s", (_case, source, expected) => {
    expect(map(source).figures.maxUnavailable).toBe(expected);
  });

  it.each([
    ["true", { "apisix-token-guard/skip": "true" }, true],
    ["empty", { "apisix-token-guard/skip": "" }, true],
    ["false", { "apisix-token-guard/skip": "false" }, false],
    ["absent", {}, false],
  ])("the skip annotation: %s", (_case, annotations, optedOut) => {
    expect(
      map({ kind: "Deployment", object: { metadata: { ...metadata, annotations }, spec: { selector } } }).optedOut,
    ).toBe(optedOut);
  });

  it.each([
    ["exceeded", [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }], true],
    ["progressing", [{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated" }], false],
    ["another condition", [{ type: "Available", status: "False", reason: "ProgressDeadlineExceeded" }], false],
  ])("the progress deadline: %s", (_case, conditions, deadlineExceeded) => {
    expect(map(deployment({}, { conditions })).figures.deadlineExceeded).toBe(deadlineExceeded);
  });

  it("reads a DaemonSet's and a StatefulSet's own figures", () => {
    const nodes = {
      desiredNumberScheduled: 3,
      updatedNumberScheduled: 2,
      numberReady: 3,
      numberAvailable: 1,
      observedGeneration: 3,
    };
    expect(map(daemonSet({ updateStrategy: { type: "OnDelete" } }, nodes)).figures).toMatchObject({
      strategy: "OnDelete",
      desired: 3,
      updated: 2,
      ready: 3,
      available: 1,
      observedGeneration: 3,
    });
    const ordered = {
      replicas: 2,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
      currentRevision: "a",
      updateRevision: "b",
    };
    expect(
      map(statefulSet({ replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } }, ordered)).figures,
    ).toMatchObject({
      partition: 1,
      desired: 2,
      total: 2,
      updated: 1,
      currentRevision: "a",
      updateRevision: "b",
    });
  });

  it("reads pause, restartedAt, ServiceAccount and the strategy of the template", () => {
    const template = {
      metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-06-01T00:00:00Z" } },
      spec: { serviceAccountName: "edge", containers: [{ name: "apisix", image: "apache/apisix:3.9.1" }] },
    };
    expect(map(deployment({ paused: true, template, strategy: { type: "Recreate" } }))).toMatchObject({
      figures: { paused: true, strategy: "Recreate" },
      template: {
        restartedAt: "2026-06-01T00:00:00Z",
        serviceAccount: "edge",
        container: { image: "apache/apisix:3.9.1" },
      },
    });
  });

  it.each([
    ["its name", { ...metadata, name: "" }, selector],
    ["its uid", { ...metadata, uid: "" }, selector],
    ["a usable selector", metadata, {}],
  ])("says so when %s is missing", (_case, broken, podSelector) => {
    expect(
      workloadOf({ kind: "Deployment", object: { metadata: broken, spec: { selector: podSelector } } }, NOW),
    ).toHaveProperty("missing");
  });
});
