import { describe, expect, it } from "vitest";
import { CLAIM_REASON } from "../../src/decide/in-flight.ts";
import { planCluster } from "../../src/decide/plan.ts";
import type { Blocker, BlockerReason } from "../../src/model/decision.ts";
import type { OutcomeResult } from "../../src/model/last-restart.ts";
import type { GatewayObservation } from "../../src/model/observation.ts";
import type { DecisionSettings } from "../../src/model/policy.ts";
import { type ReadFailure, read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import type { WorkloadKind } from "../../src/model/workload.ts";
import {
  cluster,
  discoveryOn,
  type GatewayOver,
  gateway,
  NOW,
  type PodOver,
  pod,
  refusedLog,
  settings,
} from "../support/gateways.ts";

const DUE = [pod({ age: 61 * DAY })];
const URGENT = [pod({ age: 61 * DAY, log: refusedLog() })];
const WEEKEND = { days: ["sat" as const], from: "01:00", to: "05:00", timeZone: "UTC" };
const FREEZE = { from: "2026-06-09", to: "2026-06-11", timeZone: "UTC" };

const planFor = (
  over: GatewayOver,
  rest: DecisionSettings = settings(),
  others: readonly GatewayObservation[] = [],
) => {
  const plan = planCluster(cluster([gateway(over), ...others]), rest);
  const decision = plan.decisions.find(({ gateway: { name } }) => name === "apisix");
  return { plan, blockers: decision?.blockers ?? [] };
};

const held = (blockers: readonly Blocker[]): (readonly [BlockerReason, boolean])[] =>
  blockers.map(({ reason, waived }) => [reason, waived]);

const known = (ago: number, result: OutcomeResult | null = null) => ({
  state: "known" as const,
  at: NOW - ago,
  reason: "TokenRefused",
  result,
  lifetime: null,
});

const claim = (ago: number) => ({ ...known(ago), reason: CLAIM_REASON });

const FAILURE: ReadFailure = {
  code: "Forbidden",
  what: "list DaemonSets",
  message: "The guard may not list DaemonSets.",
};

const other = (over: GatewayOver) => gateway({ ...over, workload: { name: "other", ...over.workload } });

describe("what holds a restart back", () => {
  it.each<[string, GatewayOver, DecisionSettings | undefined, (readonly [BlockerReason, boolean])[]]>([
    ["nothing, routine", { pods: DUE }, undefined, []],
    ["nothing, urgent", { pods: URGENT }, undefined, []],
    ["a paused Deployment", { pods: URGENT, figures: { paused: true } }, undefined, [["Paused", false]]],
    ["an annotation", { pods: URGENT, workload: { optedOut: true } }, undefined, [["OptedOut", false]]],
    [
      "another cluster that goes first, urgent",
      { pods: URGENT },
      settings({}, { hold: { restarts: "routine", why: "?" } }),
      [["FleetHold", true]],
    ],
    [
      "another cluster that goes first, routine",
      { pods: DUE },
      settings({}, { hold: { restarts: "routine", why: "?" } }),
      [["FleetHold", false]],
    ],
    [
      "bad ends in the fleet",
      { pods: URGENT },
      settings({}, { hold: { restarts: "all", why: "?" } }),
      [["FleetHold", false]],
    ],
    ["no hold", { pods: DUE }, settings({}, { hold: null }), []],
    ["the mode", { pods: URGENT }, settings({}, { mode: "check" }), [["CheckOnly", false]]],
    [
      "a template that is not observed",
      { pods: URGENT, figures: { generation: 2 } },
      undefined,
      [["RolloutInProgress", false]],
    ],
    [
      "pods of two revisions",
      { pods: [...DUE, pod({ name: "b", revision: "new" })] },
      undefined,
      [["RolloutInProgress", false]],
    ],
    [
      "a failed rollout",
      { pods: URGENT, figures: { total: 2, deadlineExceeded: true } },
      undefined,
      [["RolloutFailed", false]],
    ],
    [
      "a missing pod, routine",
      { pods: DUE, figures: { desired: 3, available: 2 } },
      undefined,
      [["NotFullyAvailable", false]],
    ],
    [
      "a missing pod, urgent, allowed by the strategy",
      { pods: URGENT, figures: { desired: 3, available: 2 } },
      undefined,
      [["NotFullyAvailable", true]],
    ],
    [
      "a missing pod, urgent, not allowed",
      { pods: URGENT, figures: { desired: 3, available: 2, maxUnavailable: 0 } },
      undefined,
      [["NotFullyAvailable", false]],
    ],
    [
      "two missing pods, urgent, one more than allowed",
      { pods: URGENT, figures: { desired: 3, available: 1 } },
      undefined,
      [["NotFullyAvailable", false]],
    ],
    [
      "the last of two pods, urgent, allowed by the strategy",
      { pods: URGENT, figures: { desired: 2, available: 1 } },
      undefined,
      [["NotFullyAvailable", true]],
    ],
    [
      "the only pod missing, urgent",
      { pods: URGENT, figures: { desired: 1, available: 0 } },
      undefined,
      [["NotFullyAvailable", false]],
    ],
    ["Recreate", { pods: URGENT, figures: { strategy: "Recreate" } }, undefined, [["RiskyRestart", false]]],
    [
      "Recreate, allowed",
      { pods: URGENT, figures: { strategy: "Recreate" } },
      settings({ allowRisky: ["recreate"] }),
      [["RiskyRestart", true]],
    ],
    [
      "Recreate, another risk allowed",
      { pods: URGENT, figures: { strategy: "Recreate" } },
      settings({ allowRisky: ["latest"] }),
      [["RiskyRestart", false]],
    ],
    ["OnDelete", { pods: URGENT, figures: { strategy: "OnDelete" } }, undefined, [["RiskyRestart", false]]],
    [
      "a partition",
      { pods: URGENT, workload: { kind: "StatefulSet" }, figures: { partition: 1 } },
      undefined,
      [["RiskyRestart", false]],
    ],
    [
      "a newer ConfigMap",
      { pods: URGENT, config: discoveryOn({ changedAt: NOW - DAY }) },
      undefined,
      [["RiskyRestart", false]],
    ],
    [
      "a ConfigMap that is newer than one of two containers",
      {
        pods: [pod({ age: 61 * DAY, log: refusedLog() }), pod({ name: "b", age: DAY })],
        config: discoveryOn({ changedAt: NOW - 2 * DAY }),
      },
      undefined,
      [["RiskyRestart", false]],
    ],
    [
      "a ConfigMap that nobody knows the age of",
      { pods: URGENT, config: discoveryOn({ changedAt: null }) },
      undefined,
      [["RiskyRestart", false]],
    ],
    [
      "a ConfigMap as old as the container",
      { pods: URGENT, config: discoveryOn({ changedAt: NOW - 61 * DAY }) },
      undefined,
      [],
    ],
    [
      "a ConfigMap that cannot be read",
      { pods: URGENT, config: unread(FAILURE) },
      undefined,
      [["RiskyRestart", false]],
    ],
    [
      "a ConfigMap that cannot be read, where changes are allowed",
      { pods: URGENT, config: unread(FAILURE) },
      settings({ allowRisky: ["configChanged"] }),
      [["RiskyRestart", true]],
    ],
    [
      "a ConfigMap that is not there",
      { pods: URGENT, config: unread({ ...FAILURE, code: "NotFound" }) },
      undefined,
      [],
    ],
    ["no ConfigMap", { pods: URGENT, config: null }, undefined, []],
    [
      "API-driven standalone",
      { pods: URGENT, config: discoveryOn({ apiDrivenStandalone: true }) },
      undefined,
      [["RiskyRestart", false]],
    ],
    [
      "the tag latest",
      { pods: URGENT, template: { container: { name: "apisix", image: "apache/apisix:latest" } } },
      undefined,
      [["RiskyRestart", false]],
    ],
    [
      "two risks, one allowed",
      { pods: URGENT, figures: { strategy: "Recreate" }, config: discoveryOn({ apiDrivenStandalone: true }) },
      settings({ allowRisky: ["standalone"] }),
      [
        ["RiskyRestart", false],
        ["RiskyRestart", true],
      ],
    ],
    ["no window, routine", { pods: DUE }, settings({ windows: [WEEKEND] }), [["OutsideWindow", false]]],
    ["no window, urgent", { pods: URGENT }, settings({ windows: [WEEKEND] }), [["OutsideWindow", true]]],
    ["a freeze, routine", { pods: DUE }, settings({ freeze: [FREEZE] }), [["Frozen", false]]],
    ["a freeze, urgent", { pods: URGENT }, settings({ freeze: [FREEZE] }), [["Frozen", true]]],
    [
      "another run's claim to this restart",
      { pods: URGENT, workload: { lastRestart: claim(SECOND) } },
      undefined,
      [["OneAtATime", false]],
    ],
    ["a claim of yesterday", { pods: URGENT, workload: { lastRestart: claim(DAY) } }, undefined, []],
    [
      "our restart that has not helped, found out just now",
      { pods: URGENT, workload: { lastRestart: known(2 * HOUR) } },
      undefined,
      [["LastRestartFailed", false]],
    ],
    [
      "our restart just now",
      { pods: URGENT, workload: { lastRestart: known(HOUR - SECOND, "cured") } },
      undefined,
      [["Cooldown", false]],
    ],
    ["our restart a cooldown ago", { pods: URGENT, workload: { lastRestart: known(HOUR, "cured") } }, undefined, []],
    [
      "a garbled note and a restart just now",
      {
        pods: URGENT,
        workload: { lastRestart: { state: "unreadable", why: "?" } },
        template: { restartedAt: isoSeconds(NOW - MINUTE) },
      },
      undefined,
      [["Cooldown", false]],
    ],
    [
      "somebody else's restart just now",
      { pods: URGENT, template: { restartedAt: isoSeconds(NOW - MINUTE) } },
      undefined,
      [],
    ],
    [
      "RBAC of the ServiceAccount",
      { pods: URGENT, mayDiscover: read("denied") },
      undefined,
      [["DiscoveryForbidden", false]],
    ],
    [
      "RBAC that could not be checked",
      { pods: URGENT, mayDiscover: unread({ code: "Forbidden", what: "?", message: "?" }) },
      undefined,
      [["DiscoveryForbidden", false]],
    ],
    [
      "a ServiceAccount that is gone",
      { pods: URGENT, mayDiscover: read("no-account") },
      undefined,
      [["DiscoveryForbidden", false]],
    ],
    ["RBAC that is fine", { pods: URGENT, mayDiscover: read("allowed") }, undefined, []],
    [
      "several at once",
      { pods: DUE, workload: { optedOut: true }, figures: { paused: true } },
      settings({ windows: [WEEKEND] }),
      [
        ["Paused", false],
        ["OptedOut", false],
        ["OutsideWindow", false],
      ],
    ],
  ])("%s", (_case, over, rest, expected) => {
    const { plan, blockers } = planFor(over, rest);
    expect(held(blockers)).toEqual(expected);
    expect(plan.restarts).toHaveLength(expected.every(([, waived]) => waived) ? 1 : 0);
  });

  it.each<[string, GatewayObservation, BlockerReason[]]>([
    ["rolling at our hand", other({ workload: { lastRestart: known(MINUTE) } }), ["OneAtATime"]],
    ["claimed by another run", other({ workload: { lastRestart: claim(SECOND) } }), ["OneAtATime"]],
    [
      "claimed by another run long ago, and refused since",
      other({ pods: URGENT, workload: { lastRestart: claim(2 * HOUR) } }),
      ["OneAtATime"],
    ],
    [
      "rolling, with a garbled note",
      other({
        workload: { lastRestart: { state: "unreadable", why: "?" } },
        template: { restartedAt: isoSeconds(NOW - MINUTE) },
        figures: { updated: 0 },
      }),
      ["OneAtATime"],
    ],
    ["refused, and never restarted", other({ pods: URGENT }), []],
    ["whose result never came", other({ workload: { lastRestart: known(DAY) } }), []],
    [
      "refused after our restart",
      other({ pods: [pod()], workload: { lastRestart: known(HOUR, "refused") } }),
      ["CanaryNotCured"],
    ],
    ["failed after our restart", other({ workload: { lastRestart: known(HOUR, "failed") } }), ["CanaryNotCured"]],
    [
      "failed almost a day ago",
      other({ workload: { lastRestart: known(DAY - SECOND, "failed") } }),
      ["CanaryNotCured"],
    ],
    ["failed a day ago", other({ workload: { lastRestart: known(DAY, "failed") } }), []],
    ["cured", other({ workload: { lastRestart: known(HOUR, "cured") } }), []],
    [
      "cured and refused again",
      other({ pods: URGENT, workload: { lastRestart: known(2 * HOUR, "cured") } }),
      ["CanaryNotCured"],
    ],
    [
      "cured, and in a rollout that failed since",
      other({
        workload: { lastRestart: known(2 * HOUR, "cured") },
        figures: { total: 2, deadlineExceeded: true },
      }),
      ["CanaryNotCured"],
    ],
    [
      "cured, refused again, and in somebody's rollout",
      other({ pods: URGENT, workload: { lastRestart: known(2 * HOUR, "cured") }, figures: { generation: 2 } }),
      [],
    ],
    [
      "rolling while its old pods are refused",
      other({ pods: URGENT, workload: { lastRestart: known(MINUTE) }, figures: { generation: 2 } }),
      ["OneAtATime"],
    ],
    [
      "whose rollout of ours fails",
      other({ workload: { lastRestart: known(MINUTE) }, figures: { total: 2, deadlineExceeded: true } }),
      ["OneAtATime", "CanaryNotCured"],
    ],
  ])("another gateway %s", (_case, neighbour, expected) => {
    expect(planFor({ pods: URGENT }, settings(), [neighbour]).blockers.map(({ reason }) => reason)).toEqual(expected);
  });

  it.each<[string, WorkloadKind, PodOver, boolean]>([
    ["a DaemonSet on a node that is not Ready", "DaemonSet", { ready: false, nodeReady: false }, false],
    ["a DaemonSet on a node that is Ready", "DaemonSet", { ready: false, nodeReady: true }, true],
    ["a DaemonSet on a node that nobody looked at", "DaemonSet", { ready: false, nodeReady: null }, true],
    ["a DaemonSet that is Ready all the same", "DaemonSet", { ready: true, nodeReady: false }, true],
    ["a Deployment on a node that is not Ready", "Deployment", { ready: false, nodeReady: false }, true],
  ])("a missing pod of %s", (_case, kind, over, holds) => {
    const pods = [...DUE, pod({ name: "b", ...over })];
    const { blockers } = planFor({ workload: { kind }, pods, figures: { available: 1 } });
    expect(held(blockers)).toEqual(holds ? [["NotFullyAvailable", false]] : []);
  });

  it("is a list of workloads that failed: gateways may be in flight that nobody sees", () => {
    const plan = planCluster(cluster([gateway({ pods: URGENT })], { unreadKinds: [FAILURE] }), settings());
    expect(held(plan.decisions[0]?.blockers ?? [])).toEqual([["OneAtATime", false]]);
    expect(plan.restarts).toEqual([]);
  });

  const fresh = pod({ name: "b", age: HOUR });
  const kept = { strategy: "OnDelete" as const };
  const below = { partition: 1 };
  const allowed = settings({ allowRisky: ["onDelete", "partition"] });
  const shortLived = settings({ allowRisky: ["onDelete", "partition"] }, { tokenLifetime: DAY });
  const LAST: readonly BlockerReason[] = ["LastRestartFailed"];

  it.each<[string, OutcomeResult | null, number, GatewayOver, DecisionSettings, readonly BlockerReason[]]>([
    ["failed", "failed", 2 * HOUR, { pods: DUE }, settings(), LAST],
    ["refused", "refused", 2 * HOUR, { pods: URGENT }, settings(), LAST],
    ["reverted", "reverted", 2 * HOUR, { pods: DUE }, settings(), LAST],
    ["unproven, and urgent", "unproven", DAY - SECOND, { pods: URGENT }, settings(), LAST],
    ["unproven, a day ago", "unproven", DAY, { pods: URGENT }, settings(), []],
    ["cured", "cured", 2 * HOUR, { pods: URGENT }, settings(), []],
    ["renewed", "renewed", 2 * HOUR, { pods: DUE }, settings(), []],
    ["deferred", "deferred", 2 * HOUR, { pods: DUE }, settings(), []],
    ["unproven, while one pod is new", "unproven", 2 * HOUR, { pods: [...DUE, fresh] }, settings(), LAST],
    [
      "unproven, and its tokens live for a day: every pod is new, and due again",
      "unproven",
      20 * HOUR,
      { pods: [pod({ age: 19 * HOUR })] },
      shortLived,
      [],
    ],
    ["kept all pods, 59 days ago", "unproven", 59 * DAY, { pods: DUE, figures: kept }, allowed, LAST],
    ["keeps all pods, and has no result yet", null, 2 * HOUR, { pods: DUE, figures: kept }, allowed, LAST],
    [
      "kept the old pod and not the new one",
      "unproven",
      2 * DAY,
      { pods: [...DUE, fresh], figures: kept },
      allowed,
      LAST,
    ],
    [
      "failed, and it is due this very moment",
      "failed",
      2 * HOUR,
      { pods: [pod({ age: 60 * DAY })] },
      settings(),
      LAST,
    ],
    [
      "was at the moment its pods were made, and they are due again",
      "unproven",
      17 * HOUR,
      { pods: [pod({ age: 17 * HOUR })], figures: kept },
      shortLived,
      [],
    ],
    ["kept pods that are due for the first time", "unproven", 62 * DAY, { pods: DUE, figures: kept }, allowed, []],
    [
      "kept one pod, and replaced one that is due again",
      "unproven",
      20 * HOUR,
      { pods: [...DUE, pod({ name: "b", age: 19 * HOUR })], figures: below },
      shortLived,
      [],
    ],
    [
      "kept one pod, and replaced one that is refused",
      "unproven",
      14 * HOUR,
      { pods: [...DUE, pod({ name: "b", age: 13 * HOUR, log: refusedLog() })], figures: below },
      allowed,
      LAST,
    ],
  ])("its own last restart %s", (_case, result, ago, over, rest, expected) => {
    const { pods } = over;
    const figures = over.figures ?? {};
    const workload = { kind: "StatefulSet" as const, lastRestart: known(ago, result) };
    const held = planFor({ pods: pods ?? [], figures, workload }, rest).blockers.filter(({ waived }) => !waived);
    expect(held.map(({ reason }) => reason)).toEqual(expected);
  });

  it("names a kept pod once, be it due and refused", () => {
    const workload = { kind: "StatefulSet" as const, lastRestart: known(2 * DAY, "unproven") };
    const pods = [pod({ age: 61 * DAY, log: refusedLog() })];
    const [blocker] = planFor({ pods, figures: kept, workload }, allowed).blockers.filter(({ waived }) => !waived);
    expect(blocker?.message).toContain("its update strategy kept pod apisix-5d9c7-a. Another");
  });

  it("says nothing of what was kept where nothing needs a restart, and a person asks for one", () => {
    const workload = { kind: "StatefulSet" as const, lastRestart: known(2 * DAY, "renewed") };
    const asked = { ...allowed, refresh: { namespace: "apisix", kind: "StatefulSet", name: "apisix" } as const };
    const { blockers } = planFor({ pods: [fresh], figures: below, workload }, asked);
    expect(blockers.map(({ reason }) => reason)).toEqual(["RiskyRestart"]);
  });

  it("does not take a claim for a restart of its own that failed", () => {
    const lastRestart = { ...known(2 * HOUR, "refused"), reason: "AboutToRestart" };
    const template = { restartedAt: isoSeconds(NOW - 2 * HOUR) };
    expect(planFor({ pods: DUE, workload: { lastRestart }, template }).blockers).toEqual([]);
  });

  it("does not count DaemonSet pods on nodes that are not Ready", () => {
    const lost = pod({ name: "lost", ready: false, nodeReady: false });
    const over: GatewayOver = { workload: { kind: "DaemonSet" }, pods: [...DUE, lost], figures: { available: 1 } };
    expect(planFor(over).blockers).toEqual([]);
    expect(held(planFor({ ...over, workload: { kind: "Deployment" } }).blockers)).toEqual([
      ["NotFullyAvailable", false],
    ]);
  });

  it("is not asked where no restart is wanted", () => {
    expect(planFor({ workload: { optedOut: true }, figures: { paused: true } }).blockers).toEqual([]);
  });

  it("tells how to allow a risk by name", () => {
    const { blockers } = planFor({ pods: DUE, figures: { strategy: "Recreate" } });
    expect(blockers[0]?.message).toContain("policy.allowRisky: [recreate]");
  });
});

describe("a restart that a person asks for by name", () => {
  const target = { namespace: "apisix", kind: "Deployment" as const, name: "apisix" };
  const asked = (policy = {}, mode: "check" | "remediate" = "remediate") => settings(policy, { refresh: target, mode });
  const failedNeighbour = other({ workload: { lastRestart: known(HOUR, "failed") } });

  it.each<[string, GatewayOver, DecisionSettings, (readonly [BlockerReason, boolean])[]]>([
    ["of a healthy gateway", {}, asked(), []],
    ["in mode check", {}, asked({}, "check"), [["CheckOnly", true]]],
    ["within the cooldown", { workload: { lastRestart: known(MINUTE, "cured") } }, asked(), [["Cooldown", true]]],
    [
      "after one that did not help",
      { pods: DUE, workload: { lastRestart: known(2 * HOUR, "reverted") } },
      asked(),
      [["LastRestartFailed", true]],
    ],
    ["outside its window", {}, asked({ windows: [WEEKEND] }), [["OutsideWindow", true]]],
    ["in a freeze", {}, asked({ freeze: [FREEZE] }), [["Frozen", true]]],
    ["of a paused Deployment", { figures: { paused: true } }, asked(), [["Paused", false]]],
    ["of a gateway that opted out", { workload: { optedOut: true } }, asked(), [["OptedOut", false]]],
    ["in the middle of a rollout", { figures: { generation: 2 } }, asked(), [["RolloutInProgress", false]]],
    ["without permission to discover", { mayDiscover: read("denied") }, asked(), [["DiscoveryForbidden", false]]],
    ["of a gateway whose refusal no restart cures", { pods: [pod({ age: HOUR, log: refusedLog() })] }, asked(), []],
  ])("%s", (_case, over, rest, expected) => {
    const { plan, blockers } = planFor(over, rest);
    expect(held(blockers)).toEqual(expected);
    expect(plan.restarts).toHaveLength(expected.every(([, waived]) => waived) ? 1 : 0);
  });

  it("goes ahead although another gateway was not cured", () => {
    expect(held(planFor({}, asked(), [failedNeighbour]).blockers)).toEqual([["CanaryNotCured", true]]);
  });

  it.each<[string, GatewayOver]>([
    ["whose pods cannot be read", { pods: unread({ code: "Timeout", what: "?", message: "?" }) }],
    ["without an APISIX container", { template: { container: null } }],
    ["without a running pod", { pods: [], figures: { desired: 1 } }],
    ["with pods from the future", { pods: [pod({ age: -HOUR })] }],
    ["that is scaled to zero", { pods: [], figures: { desired: 0 } }],
  ])("is not made for a gateway %s", (_case, over) => {
    const { plan } = planFor(over, asked());
    expect(plan.decisions[0]?.action).not.toBe("restart");
    expect(plan.restarts).toEqual([]);
  });

  it("is asked for no other gateway", () => {
    const { decisions } = planFor({}, asked(), [other({})]).plan;
    expect(decisions.map(({ gateway: { name }, action, urgent }) => [name, action, urgent])).toEqual([
      ["apisix", "restart", true],
      ["other", "none", false],
    ]);
  });

  it("restarts no other gateway", () => {
    const plan = planFor({ figures: { paused: true } }, asked(), [other({ pods: DUE })]).plan;
    expect(plan.restarts).toEqual([]);
  });
});
