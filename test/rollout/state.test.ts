import { describe, expect, it } from "vitest";
import { DAY, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import type { WorkloadKind } from "../../src/model/workload.ts";
import { hasEnded, isAtRest, rolloutState } from "../../src/rollout/state.ts";
import { type GatewayOver, gateway, NOW, pod } from "../support/gateways.ts";

const stateOf = (kind: WorkloadKind, { figures, pods = [pod()], template }: GatewayOver) => {
  const observed = gateway({ workload: { kind }, pods, ...(figures && { figures }), ...(template && { template }) });
  return rolloutState(observed.workload, observed.pods.ok ? observed.pods.value : [], NOW).state;
};

const old = pod({ name: "old", revision: "old" });
const statefulSet = (current: string | null, update: string | null) => ({
  currentRevision: current,
  updateRevision: update,
});

describe("rolloutState", () => {
  it.each<[string, WorkloadKind, GatewayOver, "complete" | "progressing" | "failed"]>([
    ["at rest", "Deployment", {}, "complete"],
    ["the newest template is not observed", "Deployment", { figures: { generation: 2 } }, "progressing"],
    ["an old pod is left by the numbers", "Deployment", { figures: { total: 2, updated: 1 } }, "progressing"],
    ["an old pod is left by its label", "Deployment", { pods: [pod(), old] }, "progressing"],
    ["replicas are missing for another reason", "Deployment", { figures: { desired: 3 } }, "complete"],
    ["past its deadline", "Deployment", { figures: { total: 2, updated: 1, deadlineExceeded: true } }, "failed"],
    [
      "past its deadline, all new and one not available",
      "Deployment",
      { figures: { available: 0, deadlineExceeded: true } },
      "failed",
    ],
    [
      "past its deadline before the newest template",
      "Deployment",
      { figures: { generation: 2, deadlineExceeded: true } },
      "progressing",
    ],
    ["complete after all", "Deployment", { figures: { deadlineExceeded: true } }, "complete"],
    [
      "slow, but with a deadline of its own",
      "Deployment",
      { figures: { total: 2, updated: 1 }, pods: [pod({ age: DAY })] },
      "progressing",
    ],
    ["at rest", "DaemonSet", {}, "complete"],
    [
      "a node is left",
      "DaemonSet",
      { figures: { desired: 3, updated: 2 }, pods: [pod({ age: MINUTE })] },
      "progressing",
    ],
    [
      "a node is left, nothing moves",
      "DaemonSet",
      { figures: { desired: 3, updated: 2 }, pods: [pod({ age: DAY })] },
      "failed",
    ],
    [
      "OnDelete leaves pods on purpose",
      "DaemonSet",
      { figures: { desired: 3, updated: 0, strategy: "OnDelete" } },
      "complete",
    ],
    ["at rest", "StatefulSet", { figures: statefulSet("a", "a") }, "complete"],
    ["no status yet", "StatefulSet", { figures: statefulSet(null, null) }, "complete"],
    [
      "an old pod is left",
      "StatefulSet",
      { figures: { ...statefulSet("old", "5d9c7"), desired: 2, updated: 1 }, pods: [pod({ age: MINUTE }), old] },
      "progressing",
    ],
    [
      "an old pod is left, nothing moves",
      "StatefulSet",
      { figures: { ...statefulSet("old", "5d9c7"), desired: 2, updated: 1 }, pods: [pod(), old] },
      "failed",
    ],
    [
      "pods below the partition stay",
      "StatefulSet",
      { figures: { ...statefulSet("old", "5d9c7"), desired: 2, updated: 1, partition: 1 }, pods: [pod(), old] },
      "complete",
    ],
    [
      "above the partition one is left",
      "StatefulSet",
      {
        figures: { ...statefulSet("old", "5d9c7"), desired: 3, updated: 1, partition: 1 },
        pods: [pod({ age: MINUTE }), old, old],
      },
      "progressing",
    ],
    [
      "a pod is missing above the partition",
      "StatefulSet",
      {
        figures: { ...statefulSet("old", "5d9c7"), desired: 3, updated: 1, partition: 1 },
        pods: [pod({ age: MINUTE }), old],
      },
      "progressing",
    ],
    [
      "all pods above the partition are new",
      "StatefulSet",
      {
        figures: { ...statefulSet("old", "5d9c7"), desired: 3, updated: 2, partition: 1 },
        pods: [pod({ age: MINUTE }), pod({ name: "b", age: MINUTE }), old],
      },
      "complete",
    ],
    [
      "an old pod is left by its label",
      "StatefulSet",
      { figures: { ...statefulSet("old", "5d9c7"), updated: 2 }, pods: [pod({ age: MINUTE }), old] },
      "progressing",
    ],
    [
      "OnDelete leaves pods on purpose",
      "StatefulSet",
      { figures: { ...statefulSet("old", "new"), strategy: "OnDelete" }, pods: [old] },
      "complete",
    ],
  ])("%s: %s", (_case, kind, over, state) => {
    expect(stateOf(kind, over)).toBe(state);
  });

  const rolling = { desired: 2, updated: 1 };
  it.each([
    ["a pod became Ready 10 min ago", { pods: [pod({ age: DAY, readyChangedAt: NOW - 10 * MINUTE })] }, "progressing"],
    ["a second more", { pods: [pod({ age: DAY, readyChangedAt: NOW - 10 * MINUTE - SECOND })] }, "failed"],
    [
      "a pod was made just now",
      { pods: [pod({ age: DAY }), pod({ name: "new", age: SECOND, ready: false })] },
      "progressing",
    ],
    ["a pod stopped being Ready just now", { pods: [pod({ age: DAY, ready: false, readyChangedAt: NOW })] }, "failed"],
    [
      "the restart was ordered just now",
      { pods: [pod({ age: DAY })], template: { restartedAt: isoSeconds(NOW) } },
      "progressing",
    ],
    ["nothing is known", { pods: [pod({ createdAt: null, readyChangedAt: null })] }, "progressing"],
  ] as [string, GatewayOver, string][])("a DaemonSet rollout: %s", (_case, over, state) => {
    expect(stateOf("DaemonSet", { figures: rolling, ...over })).toBe(state);
  });
});

describe("hasEnded and isAtRest, from the numbers alone", () => {
  const done = gateway().workload.figures;
  it.each([
    ["at rest", done, true, true],
    ["not observed", { ...done, generation: 2 }, false, false],
    ["past its deadline", { ...done, updated: 0, deadlineExceeded: true }, true, false],
    ["a deadline of the template before", { ...done, generation: 2, deadlineExceeded: true }, false, false],
    ["an old pod is left", { ...done, total: 2 }, false, false],
    ["a new pod is missing", { ...done, desired: 2, available: 2 }, false, false],
    ["a new pod is not available", { ...done, available: 0 }, false, false],
    ["a StatefulSet on its way", { ...done, currentRevision: "a", updateRevision: "b" }, false, false],
    ["a StatefulSet that has arrived", { ...done, currentRevision: "b", updateRevision: "b" }, true, true],
    ["scaled to zero", { ...done, desired: 0, total: 0, updated: 0, available: 0 }, true, true],
  ])("%s", (_case, figures, ended, atRest) => {
    expect(hasEnded(figures)).toBe(ended);
    expect(isAtRest(figures)).toBe(atRest);
  });
});
