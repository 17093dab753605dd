import { describe, expect, it } from "vitest";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION, SKIP_ANNOTATION } from "../src/model/annotations.ts";
import type { BlockerReason } from "../src/model/decision.ts";
import type { Policy } from "../src/model/policy.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../src/model/time.ts";
import { buildReport } from "../src/report/build.ts";
import { exitCode } from "../src/report/exit-code.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { NOW, settings } from "./support/gateways.ts";
import { noted, noteOf } from "./support/heal/notes.ts";
import {
  afterEveryEvent,
  decisionOn,
  heal,
  onFirstLook,
  refreshOne,
  removeRestartedAt,
  restartsOf,
  resultsOf,
  type Scene,
  scene,
} from "./support/heal/scene.ts";

const KINDS = ["Deployment", "DaemonSet", "StatefulSet"] as const;
const DUE: GatewaySpec = { createdAgo: 61 * DAY };
const REFUSED: GatewaySpec = { createdAgo: 91 * DAY, refusedFor: 5 * MINUTE };
/** NOW is a Wednesday. */
const SATURDAY: Policy["windows"] = [{ days: ["sat"], from: "01:00", to: "05:00", timeZone: "UTC" }];

/** The fewest available pods that a gateway ever has. */
function fewestAvailable({ cluster }: Scene, namespace = "apisix"): () => number {
  let fewest = Number.POSITIVE_INFINITY;
  afterEveryEvent(cluster.clock, () => {
    const ready = cluster.store.list("Pod", namespace).filter(({ metadata, status }) => {
      const isReady = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
      return isReady && metadata.deletionTimestamp === undefined;
    });
    fewest = Math.min(fewest, ready.length);
  });
  return () => fewest;
}

describe("remediate", () => {
  it.each(KINDS)("renews a %s of 61 days with one restart", async (kind) => {
    const all = scene([{ ...DUE, kind }]);
    expect(resultsOf(await heal(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it.each(KINDS)("cures a refused %s with one restart", async (kind) => {
    const all = scene([{ ...REFUSED, kind }]);
    expect(resultsOf(await heal(all))).toEqual({ apisix: "cured" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("leaves a young gateway alone", async () => {
    const all = scene([{ createdAgo: DAY }]);
    expect(resultsOf(await heal(all))).toEqual({});
    expect(all.patches).toEqual([]);
  });

  it("cures a refused gateway outside its window, and leaves a due one for the window", async () => {
    const all = scene([
      { ...REFUSED, name: "a" },
      { ...DUE, name: "b" },
    ]);
    const result = await heal(all, { settings: settings({ windows: SATURDAY }) });
    expect(resultsOf(result)).toEqual({ a: "cured" });
    expect(decisionOn(result, all.gateways[1])).toMatchObject({
      verdict: "due",
      blockers: [{ reason: "OutsideWindow" }],
    });
    all.cluster.clock.advance(Date.parse("2026-06-13T01:00:00Z") - all.cluster.clock.now());
    expect(resultsOf(await heal(all, { settings: settings({ windows: SATURDAY }) }))).toEqual({ b: "renewed" });
  });

  it("calls nothing cured before the logs of the new pods have been clean for the proof period", async () => {
    const all = scene([REFUSED]);
    const result = await heal(all);
    const [{ outcome } = { outcome: null }] = result.outcomes;
    const { pods } = decisionOn(result, all.gateways[0]);
    expect(pods.map(({ name }) => name).filter((name) => all.gateways[0]?.pods.includes(name))).toEqual([]);
    const newest = Math.max(...pods.map(({ startedAt }) => startedAt ?? Number.NaN));
    expect((outcome?.provenAt ?? 0) - newest).toBeGreaterThanOrEqual(100 * SECOND);
  });

  it("says that a cure is not proven when the new pods' logs cannot be read", async () => {
    const all = scene([REFUSED]);
    const onLook = onFirstLook(() => all.cluster.fail({ call: "log", code: "Forbidden" }));
    const result = await heal(all, { onLook });
    expect(resultsOf(result)).toEqual({ apisix: "unproven" });
    expect(exitCode([buildReport(result)])).toBe(1);
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("restarts two gateways one after the other, the refused one first", async () => {
    const all = scene([
      { ...DUE, name: "a" },
      { ...REFUSED, name: "b" },
    ]);
    expect(resultsOf(await heal(all))).toEqual({ a: "renewed", b: "cured" });
    const order = all.patches.flatMap(({ ref, body }) => {
      const note = noteOf(body);
      return note?.reason === "AboutToRestart" ? [] : [`${ref.name} ${note?.result ?? "restarted"}`];
    });
    expect(order).toEqual(["b restarted", "b cured", "a restarted", "a renewed"]);
  });

  it.each<[string, GatewaySpec, number]>([
    ["a Deployment of three", { replicas: 3 }, 3],
    ["a Deployment of one", { replicas: 1 }, 1],
    ["a Deployment that may lose two of four", { replicas: 4, maxSurge: 0, maxUnavailable: 2 }, 2],
    ["a DaemonSet on three nodes", { kind: "DaemonSet" }, 2],
    ["a StatefulSet of three", { kind: "StatefulSet" }, 2],
  ])("never leaves %s with fewer available pods than its own settings allow", async (_name, spec, least) => {
    const all = scene([{ ...REFUSED, ...spec }]);
    const fewest = fewestAvailable(all);
    expect(resultsOf(await heal(all))).toEqual({ apisix: "cured" });
    expect(fewest()).toBe(least);
  });
});

describe("remediate, when a restart does not help", () => {
  const SICK: readonly GatewaySpec[] = [
    { ...REFUSED, name: "a", afterRestart: { refused: true } },
    { createdAgo: 85 * DAY, name: "b" },
  ];

  it("finds refusals that go on, and does not try again: not after 2, 6 or 13 hours", async () => {
    const all = scene(SICK);
    const first = await heal(all);
    expect(resultsOf(first)).toEqual({ a: "refused" });
    expect(exitCode([buildReport(first)])).toBe(2);
    for (const later of [2 * HOUR, 4 * HOUR, 7 * HOUR]) {
      all.cluster.clock.advance(later);
      const result = await heal(all);
      expect(decisionOn(result, all.gateways[0])).toMatchObject({ verdict: "unfixable", action: "alert" });
    }
    expect(restartsOf(all)).toEqual(["a"]);
  });

  it("restarts no other gateway of the cluster, and says why, until a person does", async () => {
    const all = scene(SICK);
    const result = await heal(all);
    expect(decisionOn(result, all.gateways[1])).toMatchObject({
      verdict: "expiring",
      urgent: true,
      blockers: [{ reason: "CanaryNotCured", waived: false }],
    });
    expect(resultsOf(await refreshOne(all, all.gateways[1]))).toEqual({ b: "renewed" });
    expect(restartsOf(all)).toEqual(["a", "b"]);
  });

  it.each<[string, GatewaySpec, number]>([
    ["of a Deployment", { replicas: 3 }, 3],
    ["of a DaemonSet", { kind: "DaemonSet" }, 2],
    ["of a StatefulSet", { kind: "StatefulSet" }, 2],
    // No old pod is left to tell that a rollout is under way.
    ["of a Deployment whose only pod had to go first", { replicas: 1, maxSurge: 0, maxUnavailable: 1 }, 0],
    ["of a DaemonSet on one node", { kind: "DaemonSet", replicas: 1 }, 0],
  ])("finds that new pods %s never become Ready, and restarts no other gateway", async (_name, spec, available) => {
    const all = scene([
      { ...REFUSED, ...spec, name: "a", afterRestart: { readyAfter: null } },
      { createdAgo: 85 * DAY, name: "b" },
    ]);
    const result = await heal(all);
    expect(resultsOf(result)).toEqual({ a: "failed" });
    expect(result.outcomes[0]?.outcome.message).toContain(`${available} of ${spec.replicas ?? 3} pods are available.`);
    expect(all.cluster.clock.now() - NOW).toBeLessThan(20 * MINUTE);
    expect(decisionOn(result, all.gateways[1]).blockers).toMatchObject([{ reason: "CanaryNotCured", waived: false }]);
    expect(exitCode([buildReport(result)])).toBe(2);
    expect(restartsOf(all)).toEqual(["a"]);
  });

  it("says so when another manager removes restartedAt, and does not start a fight", async () => {
    const all = scene([DUE]);
    const onLook = onFirstLook(() => removeRestartedAt(all, all.gateways[0]));
    expect(resultsOf(await heal(all, { onLook }))).toEqual({ apisix: "reverted" });
    all.cluster.clock.advance(30 * MINUTE);
    await heal(all);
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("has nothing more to do when somebody deletes the workload in the middle of its rollout", async () => {
    const all = scene([DUE]);
    const onLook = onFirstLook(() => all.cluster.store.remove("Deployment", "apisix", "apisix"));
    const result = await heal(all, { onLook });
    expect(result).toMatchObject({ outcomes: [], error: { code: "NoGatewayFound" } });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("gives up on pods that cannot be listed any more, after an hour", async () => {
    const all = scene([DUE]);
    const onLook = onFirstLook(() => all.cluster.fail({ call: "replicaSets", code: "Forbidden" }));
    expect(resultsOf(await heal(all, { onLook }))).toEqual({ apisix: "unproven" });
    expect(all.cluster.clock.now() - NOW).toBeLessThan(HOUR + 6 * MINUTE);
  });
});

describe("remediate, held back", () => {
  const EXPIRING: GatewaySpec = { createdAgo: 85 * DAY };

  it.each<[BlockerReason, GatewaySpec]>([
    ["Paused", { paused: true }],
    ["OptedOut", { annotations: { [SKIP_ANNOTATION]: "true" } }],
    ["RolloutInProgress", { pods: [{ old: true }, {}, {}] }],
    ["RolloutFailed", { pods: [{ old: true }, {}, {}], progressDeadlineExceeded: true }],
    ["NotFullyAvailable", { pods: [{ ready: false }, { ready: false }] }],
    ["RiskyRestart", { strategy: "Recreate" }],
    ["RiskyRestart", { kind: "DaemonSet", strategy: "OnDelete" }],
    ["RiskyRestart", { kind: "StatefulSet", partition: 1 }],
    ["RiskyRestart", { configChangedAgo: HOUR }],
    ["RiskyRestart", { image: "apache/apisix:latest" }],
    ["DiscoveryForbidden", { mayDiscover: false }],
  ])("by %s changes nothing, and neither does refresh: %j", async (reason, spec) => {
    const all = scene([{ ...EXPIRING, ...spec }]);
    for (const result of [await heal(all), await refreshOne(all, all.gateways[0])]) {
      const held = decisionOn(result, all.gateways[0]).blockers.filter(({ waived }) => !waived);
      expect(held.map((blocker) => blocker.reason)).toContain(reason);
      expect(exitCode([buildReport(result)])).toBe(2);
    }
    expect(all.patches).toEqual([]);
  });

  it("by a restart of another gateway that has no result yet changes nothing, and neither does refresh", async () => {
    const under = { at: NOW - MINUTE, reason: "TokenRefused", result: null };
    const all = scene([
      { ...EXPIRING, name: "a" },
      { ...noted(under), name: "b", createdAgo: 50 * SECOND },
    ]);
    for (const result of [await heal(all, { stopAt: NOW }), await refreshOne(all, all.gateways[0])]) {
      expect(decisionOn(result, all.gateways[0]).blockers).toMatchObject([{ reason: "OneAtATime", waived: false }]);
    }
    expect(all.patches).toEqual([]);
  });

  it("by the mode changes nothing", async () => {
    const all = scene([EXPIRING]);
    const result = await heal(all, { settings: settings({}, { mode: "check" }) });
    expect(decisionOn(result, all.gateways[0]).blockers).toMatchObject([{ reason: "CheckOnly", waived: false }]);
    expect(all.patches).toEqual([]);
  });

  it.each(["deployments", "daemonSets", "statefulSets"] as const)(
    "by a list of %s that failed changes nothing: a gateway that nobody sees may be in the middle of a restart",
    async (call) => {
      const all = scene([{ ...EXPIRING, kind: call === "deployments" ? "DaemonSet" : "Deployment" }]);
      all.cluster.fail({ call, code: "Timeout" });
      const result = await heal(all);
      expect(decisionOn(result, all.gateways[0]).blockers).toMatchObject([{ reason: "OneAtATime", waived: false }]);
      expect(result.error?.code).toBe("ClusterUnreadable");
      expect(all.patches).toEqual([]);
    },
  );
});

describe("remediate, of a gateway with a note that is not the guard's", () => {
  const NOTES: readonly (readonly [string, string])[] = [
    ["garbage", "{{{"],
    ["of the future", JSON.stringify({ at: "2099-01-01T00:00:00Z", reason: "Mine", result: null })],
    ["of megabytes", "x".repeat(2_000_000)],
  ];

  it.each(NOTES)("restarts it all the same, and says that the note was %s", async (_what, note) => {
    const all = scene([{ ...DUE, annotations: { [LAST_RESTART_ANNOTATION]: note } }]);
    const warnings: string[] = [];
    const onLook = onFirstLook((result) => warnings.push(...decisionOn(result, all.gateways[0]).warnings));
    expect(resultsOf(await heal(all, { onLook }))).toEqual({ apisix: "renewed" });
    expect(warnings).toEqual([expect.stringContaining("last-restart cannot be read")]);
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it.each(NOTES)("takes the template's own restartedAt for the cooldown when the note is %s", async (_what, note) => {
    const all = scene([
      {
        ...DUE,
        annotations: { [LAST_RESTART_ANNOTATION]: note },
        templateAnnotations: { [RESTARTED_AT_ANNOTATION]: isoSeconds(NOW - 30 * MINUTE) },
      },
    ]);
    expect(decisionOn(await heal(all), all.gateways[0]).blockers).toMatchObject([
      { reason: "Cooldown", waived: false },
    ]);
    expect(all.patches).toEqual([]);
  });

  it("restarts no other gateway when its note is overwritten in the middle of a rollout", async () => {
    const all = scene([
      { ...REFUSED, name: "a" },
      { ...DUE, name: "b" },
    ]);
    const overwrite = onFirstLook(() =>
      all.cluster.store.edit("Deployment", "apisix", "a", ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, [LAST_RESTART_ANNOTATION]: "{{{" };
      }),
    );
    await heal(all, { onLook: overwrite, stopAt: NOW });
    const result = await heal(all, { stopAt: NOW });
    expect(decisionOn(result, all.gateways[1]).blockers).toMatchObject([{ reason: "OneAtATime", waived: false }]);
    all.cluster.clock.advance(10 * MINUTE);
    expect(resultsOf(await heal(all))).toEqual({ b: "renewed" });
    expect(restartsOf(all)).toEqual(["a", "b"]);
  });
});

describe("remediate comes to an end", () => {
  it("at the time it was given, and the next run goes on from there", async () => {
    const all = scene([REFUSED]);
    const stopAt = NOW + MINUTE;
    const looks: number[] = [];
    const first = await heal(all, { stopAt, onLook: ({ at }) => void looks.push(at) });
    expect(Math.max(...looks)).toBeLessThanOrEqual(stopAt);
    expect(first.nextLookAt).not.toBeNull();
    expect(resultsOf(first)).toEqual({});
    expect(resultsOf(await heal(all))).toEqual({ apisix: "cured" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it.each([25 * SECOND, 40 * SECOND])("at that time, although every look takes %i ms", async (long) => {
    const all = scene([REFUSED]);
    const { clock } = all.cluster;
    const stopAt = NOW + 5 * MINUTE;
    const looks: number[] = [];
    const server = async () => {
      const answer = await all.cluster.workloads.server();
      clock.advance(long);
      return answer;
    };
    const through = { ...all.cluster, workloads: { ...all.cluster.workloads, server } };
    await heal(all, { stopAt, through, onLook: ({ at }) => void looks.push(at) });
    expect(looks.length).toBeGreaterThan(1);
    expect(Math.max(...looks)).toBeLessThan(stopAt);
  });

  it("when the API server takes every patch and keeps none", async () => {
    const all = scene([REFUSED]);
    const before = JSON.stringify(all.cluster.store.list("Deployment", null));
    const result = await heal(all, { restarter: all.cluster.dryRunRestarter });
    expect(resultsOf(result)).toEqual({ apisix: "conflict" });
    expect(JSON.stringify(all.cluster.store.list("Deployment", null))).toBe(before);
  });

  it("when the result of a restart is not kept", async () => {
    const all = scene([DUE]);
    const { restarter } = all.cluster;
    const forgetful: typeof restarter = {
      ...restarter,
      patch: async (ref, body) =>
        noteOf(body)?.result == null ? restarter.patch(ref, body) : { ok: true, value: null },
    };
    expect(resultsOf(await heal(all, { restarter: forgetful }))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });
});
