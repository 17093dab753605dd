import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY, HOUR } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import { agePod } from "../support/check/ageing.ts";
import { hangSinceRestart } from "../support/check/changes.ts";
import { refused } from "../support/check/gateway-logs.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { type History, mostUnderWay } from "../support/guard/history.ts";
import { writeLog } from "../support/guard/new-pods.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import {
  namespacesOf,
  type Run,
  type RunOptions,
  refreshAsGuard,
  remediateAsGuard,
  shown,
} from "../support/guard/run.ts";

const old = 61 * DAY;

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
const inThreeDays = WEEKDAYS[new Date(Date.now() + 3 * DAY).getUTCDay()] ?? "sun";
const ANOTHER_DAY = { windows: [{ days: [inThreeDays], from: "01:00", to: "02:00", timeZone: "UTC" }] };

describeCluster("what the guard heals", ({ cluster }) => {
  let place: GuardedPlace["place"];
  let history: History;
  let guarded: GuardedPlace;

  beforeAll(async () => {
    guarded = await guardCluster(cluster);
    ({ place, history } = guarded);
  });
  afterAll(() => guarded?.leave());

  const remediate = (gateways: readonly GatewayRef[], options: RunOptions = {}): Promise<Run> =>
    remediateAsGuard(cluster, namespacesOf(gateways), options);

  const restarts = async (gateway: GatewayRef): Promise<number> => (await history.restartsOf(gateway)).length;

  describe.concurrent("a gateway whose token is 61 days old", () => {
    it.each([
      { kind: "Deployment", replicas: 2, least: 2 },
      // A surge pod comes first: the last one that serves is never taken away.
      { kind: "Deployment", replicas: 1, least: 1 },
      { kind: "DaemonSet", replicas: 3, least: 2 },
      { kind: "StatefulSet", replicas: 3, least: 2 },
    ] as const)("is renewed: a $kind of $replicas", async ({ kind, replicas, least }) => {
      const gateway = await place({ kind, replicas, age: old });
      const before = (await cluster.pods.list(gateway.namespace)).map(({ metadata }) => metadata.uid);
      const leastServing = history.watchServing(gateway.namespace);

      const run = await remediate([gateway]);

      expect(shown(run.report, gateway)).toMatchObject({
        verdict: "healthy",
        outcome: { result: "renewed" },
        lastRestart: { reason: "RestartIntervalReached" },
      });
      expect(run.exit).toBe(0);
      expect(await restarts(gateway)).toBe(1);
      expect(leastServing()).toBe(least);
      const after = (await cluster.pods.list(gateway.namespace)).filter(({ metadata }) => !metadata.deletionTimestamp);
      expect(after.length).toBe(replicas);
      expect(after.filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
      expect(await history.noteOf(gateway)).toMatchObject({ state: "known", result: "renewed" });
    });

    it("is left alone by the next run", async () => {
      const gateway = await place({ age: old });
      await remediate([gateway]);
      const run = await remediate([gateway], { policy: { cooldown: 0 } });
      expect(shown(run.report, gateway)).toMatchObject({ verdict: "healthy", action: "none", outcome: null });
      expect(await restarts(gateway)).toBe(1);
    });

    it("waits for its window", async () => {
      const gateway = await place({ age: old });
      const run = await remediate([gateway], { policy: ANOTHER_DAY });
      expect(shown(run.report, gateway)).toMatchObject({ verdict: "due", blockers: [{ reason: "OutsideWindow" }] });
      expect(await restarts(gateway)).toBe(0);
    });
  });

  describe.concurrent("a gateway whose token is refused", () => {
    it("is cured outside its window", async () => {
      const gateway = await place({ age: 13 * HOUR, log: refused });
      const run = await remediate([gateway], { policy: ANOTHER_DAY });
      expect(shown(run.report, gateway)).toMatchObject({
        verdict: "healthy",
        outcome: { result: "cured", message: expect.stringContaining("2 new pods") },
      });
      expect(run.exit).toBe(0);
      expect(await restarts(gateway)).toBe(1);
      expect(await history.noteOf(gateway)).toMatchObject({ reason: "TokenRefused", result: "cured" });
    });

    it("is not called cured when the logs of its new pods cannot be read", async () => {
      const gateway = await place({ age: 13 * HOUR, log: refused }, "unreadable");
      const run = await remediate([gateway], { policy: { proofPeriod: 1_000 } });
      expect(shown(run.report, gateway)).toMatchObject({ verdict: "unknown", outcome: { result: "unproven" } });
      expect(run.exit).toBe(1);
      expect(await restarts(gateway)).toBe(1);
    });

    it("is restarted once when its new tokens are refused too, and stops the others", async () => {
      const gateway = await place({ age: 13 * HOUR, log: refused }, "refused");
      const other = await place({ age: old });

      const run = await remediate([gateway, other]);
      expect(shown(run.report, gateway)).toMatchObject({ verdict: "unfixable", outcome: { result: "refused" } });
      expect(shown(run.report, other)).toMatchObject({
        verdict: "due",
        blockers: [{ reason: "CanaryNotCured", waived: false }],
      });
      expect(run.exit).toBe(2);

      for (const [hours, reason] of [
        [2, "RefusedWhenNew"],
        [6, "RefusedWhenNew"],
        [13, "RestartDidNotHelp"],
      ] as const) {
        await ageRefused(gateway, hours * HOUR);
        const later = await remediate([gateway, other], { policy: { cooldown: 0 } });
        expect(shown(later.report, gateway)).toMatchObject({ verdict: "unfixable", reason, action: "alert" });
        expect(later.exit).toBe(2);
      }
      expect([await restarts(gateway), await restarts(other)]).toEqual([1, 0]);

      const asked = await refreshAsGuard(cluster, other, [gateway.namespace, other.namespace]);
      expect(shown(asked.report, other)).toMatchObject({ outcome: { result: "renewed" } });
      expect([await restarts(gateway), await restarts(other)]).toEqual([1, 1]);
    });

    /** Makes its pods older, and their tokens refused until now. */
    async function ageRefused({ namespace }: GatewayRef, age: number): Promise<void> {
      const since = Date.now() - age;
      for (const { metadata } of await cluster.pods.list(namespace)) {
        if (metadata.deletionTimestamp !== undefined) continue;
        await agePod(cluster, { namespace, name: metadata.name }, since);
        await writeLog(cluster, { namespace, name: metadata.name }, refused, since);
      }
    }
  });

  describe.concurrent("a restart whose new pods never become Ready", () => {
    const NEVER_READY = {
      stuck: { before: "ready", count: 0 },
      spec: { progressDeadlineSeconds: 5 },
    } as const;

    it("has failed, is not tried again, and lets nothing else be restarted", async () => {
      // The older one is restarted first.
      const gateway = await place({ age: 14 * HOUR, log: refused, ...NEVER_READY });
      const leastServing = history.watchServing(gateway.namespace);
      const urgent = await place({ age: 13 * HOUR, log: refused });

      const run = await remediate([gateway, urgent]);
      expect(shown(run.report, gateway)).toMatchObject({
        verdict: "rejected",
        blockers: expect.arrayContaining([expect.objectContaining({ reason: "RolloutFailed", waived: false })]),
        outcome: { result: "failed" },
      });
      expect(run.exit).toBe(2);
      expect(leastServing()).toBe(2);

      const later = await remediate([gateway, urgent], { policy: { cooldown: 0 } });
      expect(shown(later.report, urgent)).toMatchObject({
        verdict: "rejected",
        urgent: true,
        blockers: expect.arrayContaining([expect.objectContaining({ reason: "CanaryNotCured", waived: false })]),
      });
      expect(later.exit).toBe(2);
      expect([await restarts(gateway), await restarts(urgent)]).toEqual([1, 0]);
    });
  });

  describe.concurrent("a restart whose new pods have not become Ready for ten minutes", () => {
    it.each(["DaemonSet", "StatefulSet"] as const)("has failed: a %s has no deadline of its own", async (kind) => {
      const gateway = await place({ kind, replicas: 3, age: old, change: hangSinceRestart });
      const run = await remediate([gateway]);
      expect(shown(run.report, gateway)).toMatchObject({
        blockers: expect.arrayContaining([expect.objectContaining({ reason: "RolloutFailed", waived: false })]),
        outcome: { result: "failed", message: expect.stringContaining("2 of 3 pods are available") },
      });
      expect(run.exit).toBe(2);
      // The one it was told of.
      expect(await restarts(gateway)).toBe(1);
      expect(await history.noteOf(gateway)).toMatchObject({ state: "known", result: "failed" });
    });
  });

  describe.concurrent("several gateways that are due", () => {
    it("are restarted one after the other", async () => {
      const gateways = await Promise.all([place({ age: old }), place({ age: 62 * DAY }), place({ age: 63 * DAY })]);
      const run = await remediate(gateways);
      expect(gateways.map((gateway) => shown(run.report, gateway)?.outcome?.result)).toEqual([
        "renewed",
        "renewed",
        "renewed",
      ]);

      expect(mostUnderWay(await history.versionsOfAll(gateways))).toBe(1);
      const order = [...gateways].reverse().map((gateway) => history.restartsOf(gateway));
      const moments = (await Promise.all(order)).map(([moment]) => moment);
      expect(moments).toEqual([...moments].sort());
    });
  });

  describe.concurrent("a gateway that a person wants restarted", () => {
    it("is renewed although it is healthy, and no other with it", async () => {
      const gateway = await place({ age: DAY });
      const due = await place({ age: old });
      const run = await refreshAsGuard(cluster, gateway, [gateway.namespace, due.namespace]);
      expect(shown(run.report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      expect([await restarts(gateway), await restarts(due)]).toEqual([1, 0]);
    });
  });
});
