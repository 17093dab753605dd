import { describe, expect, it } from "vitest";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION, SKIP_ANNOTATION } from "../src/model/annotations.ts";
import type { BlockerReason, ClusterResult } from "../src/model/decision.ts";
import type { Policy } from "../src/model/policy.ts";
import { type ReadFailureCode, unread } from "../src/model/read.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../src/model/time.ts";
import type { Restarter } from "../src/ports.ts";
import { buildReport } from "../src/report/build.ts";
import { exitCode } from "../src/report/exit-code.ts";
import { newsOf } from "../src/report/news.ts";
import type { WorkloadPatch } from "../src/rollout/patch.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { NOW, settings } from "./support/gateways.ts";
import { claimed, noted, noteOf } from "./support/heal/notes.ts";
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

  /** Ten days of a schedule that looks a little less than once an hour. */
  async function tenDays(all: Scene, over: Parameters<typeof heal>[1] = {}): Promise<readonly (readonly string[])[]> {
    const held: string[][] = [];
    for (const end = all.cluster.clock.now() + 10 * DAY; all.cluster.clock.now() < end; ) {
      const result = await heal(all, over);
      held.push(decisionOn(result, all.gateways[0]).blockers.map(({ reason }) => reason));
      all.cluster.clock.advance(61 * MINUTE);
    }
    return held;
  }
  const KEPT: readonly (readonly [string, GatewaySpec])[] = [
    ["a DaemonSet that waits for deletions", { kind: "DaemonSet", strategy: "OnDelete" }],
    ["a StatefulSet that waits for deletions", { kind: "StatefulSet", strategy: "OnDelete" }],
    ["a StatefulSet with a partition", { kind: "StatefulSet", partition: 1 }],
  ];

  it.each<[string, GatewaySpec]>([
    ...KEPT.map(([name, spec]) => [name, { ...DUE, ...spec }] as [string, GatewaySpec]),
    ...KEPT.map(([name, spec]) => [`${name} and is refused`, { ...REFUSED, ...spec }] as [string, GatewaySpec]),
    ["a Deployment whose new pods never become Ready", { ...REFUSED, afterRestart: { readyAfter: null } }],
    ["a Deployment whose new pods are refused", { ...REFUSED, afterRestart: { refused: true } }],
  ])("restarts %s once in ten days", async (_name, spec) => {
    const all = scene([spec]);
    await tenDays(all, { settings: settings({ allowRisky: ["onDelete", "partition"] }) });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it.each([
    ["due", DUE],
    ["refused", REFUSED],
  ])("restarts a %s gateway once a day when another manager takes the mark away each time", async (_what, spec) => {
    const all = scene([spec]);
    const held = await tenDays(all, { onLook: () => removeRestartedAt(all, all.gateways[0]) });
    const times = all.patches.filter(({ body }) => body.spec !== undefined).map(({ at }) => at);
    expect(times.length).toBeGreaterThan(0);
    for (const [index, at] of times.entries()) {
      expect(at - (times[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(DAY);
    }
    expect(held.flat()).toContain("LastRestartFailed");
  });

  it("does restart it when a person asks", async () => {
    const all = scene([DUE]);
    await heal(all, { onLook: onFirstLook(() => removeRestartedAt(all, all.gateways[0])) });
    all.cluster.clock.advance(2 * HOUR);
    const held = await heal(all);
    expect(decisionOn(held, all.gateways[0]).blockers).toMatchObject([{ reason: "LastRestartFailed", waived: false }]);
    expect(resultsOf(await refreshOne(all, all.gateways[0]))).toEqual({ apisix: "renewed" });
  });

  it("says of an urgent one that a person is needed", async () => {
    const all = scene([REFUSED]);
    await heal(all, { onLook: onFirstLook(() => removeRestartedAt(all, all.gateways[0])) });
    all.cluster.clock.advance(2 * HOUR);
    expect(exitCode([buildReport(await heal(all))])).toBe(2);
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

describe("remediate, where the API server does not take the restart of one gateway", () => {
  const PAIR: readonly GatewaySpec[] = [
    { ...REFUSED, name: "a" },
    { ...REFUSED, name: "b" },
  ];
  const refusing = (all: Scene, name: string, code: ReadFailureCode, times = Number.POSITIVE_INFINITY): Restarter => {
    let left = times;
    return {
      ...all.cluster.restarter,
      patch: async (ref, body) =>
        ref.name === name && left-- > 0
          ? unread({ code, what: "patch", message: "It was denied." })
          : all.cluster.restarter.patch(ref, body),
    };
  };

  it.each<ReadFailureCode>(["Refused", "Forbidden", "ServerError", "Timeout"])(
    "restarts the next one in the same run (%s)",
    async (code) => {
      const all = scene(PAIR);
      const told: string[] = [];
      const restarter = refusing(all, "a", code);
      const onLook = (look: ClusterResult) => void told.push(...newsOf(look).map(({ subject }) => subject));
      const result = await heal(all, { restarter, onLook });
      expect(resultsOf(result)).toEqual({ a: "deferred", b: "cured" });
      expect(restartsOf(all)).toEqual(["b"]);
      expect(told.filter((subject) => subject.includes("restarting"))).toEqual([expect.stringContaining("apisix/b")]);
    },
  );

  it("restarts all the others, however many there are", async () => {
    const names = ["b", "c", "d", "e", "f", "g", "h"];
    const all = scene(["a", ...names].map((name) => ({ ...REFUSED, name })));
    const result = await heal(all, { restarter: refusing(all, "a", "Refused") });
    expect(resultsOf(result)).toEqual({ a: "deferred", ...Object.fromEntries(names.map((name) => [name, "cured"])) });
    expect(restartsOf(all)).toEqual(names);
  });

  it("begins no further one when its time is over", async () => {
    const all = scene(PAIR);
    const denied: Restarter = {
      ...all.cluster.restarter,
      patch: async () => {
        all.cluster.clock.advance(2 * MINUTE);
        return unread({ code: "Refused", what: "patch", message: "It was denied." });
      },
    };
    expect(resultsOf(await heal(all, { restarter: denied, stopAt: NOW + MINUTE }))).toEqual({ a: "deferred" });
  });

  it("restarts no other one while its claim may stand", async () => {
    const all = scene(PAIR);
    let claims = 0;
    const restarter: Restarter = {
      ...all.cluster.restarter,
      patch: async (ref, body) => {
        if (claims++ === 0) {
          await all.cluster.restarter.patch(ref, body);
          all.cluster.fail({ call: "workload", code: "Timeout" });
        }
        return unread({ code: "Timeout", what: "patch", message: "No answer." });
      },
    };
    const result = await heal(all, { restarter, stopAt: NOW + SECOND });
    expect(resultsOf(result)).toEqual({ a: "deferred" });
    expect(claims).toBe(1);
  });

  it.each<ReadFailureCode>(["Throttled", "ServerError", "Unreachable", "Timeout"])(
    "tries it again in the same run when the cause passes (%s)",
    async (code) => {
      const all = scene([REFUSED]);
      expect(resultsOf(await heal(all, { restarter: refusing(all, "apisix", code, 1) }))).toEqual({ apisix: "cured" });
      const other = scene([REFUSED]);
      const asked = { restarter: refusing(other, "apisix", code, 1) };
      expect(resultsOf(await refreshOne(other, other.gateways[0], asked))).toEqual({ apisix: "cured" });
    },
  );

  it("tries it a few times only when the cause stays", async () => {
    const all = scene([REFUSED]);
    expect(resultsOf(await heal(all, { restarter: refusing(all, "apisix", "Throttled") }))).toEqual({
      apisix: "deferred",
    });
    expect(all.cluster.clock.now() - NOW).toBeLessThan(5 * MINUTE);
  });
});

describe("after a run that was stopped between its claim and its restart", () => {
  const CLAIM = { at: NOW - 3 * MINUTE, reason: "AboutToRestart", result: null };

  it.each<[string, GatewaySpec, GatewaySpec]>([
    ["of this gateway", claimed(CLAIM), {}],
    ["of another one", {}, claimed(CLAIM)],
  ])("refresh restarts: the claim %s is over", async (_whose, own, others) => {
    const all = scene([
      { ...REFUSED, ...own, name: "a" },
      { ...others, name: "b" },
    ]);
    expect(resultsOf(await refreshOne(all, all.gateways[0]))).toEqual({ a: "cured" });
    expect(restartsOf(all)).toEqual(["a"]);
  });

  it("dates its own claim when it writes it, however long the logs took", async () => {
    const all = scene([REFUSED]);
    const { logs, clock } = all.cluster;
    const slow: typeof logs = {
      ...logs,
      read: async (...of) => {
        clock.advance(40 * SECOND);
        return logs.read(...of);
      },
    };
    await heal(all, { through: { ...all.cluster, logs: slow }, stopAt: NOW });
    const [claim] = all.patches;
    expect(noteOf(claim?.body as WorkloadPatch)?.reason).toBe("AboutToRestart");
    expect(noteOf(claim?.body as WorkloadPatch)?.at).toBe(claim?.at);
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
