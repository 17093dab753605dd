import { describe, expect, it } from "vitest";
import type { Target } from "../src/fleet.ts";
import type { FleetResult } from "../src/model/fleet.ts";
import { type Read, read, unread } from "../src/model/read.ts";
import { DAY, type Instant, MINUTE } from "../src/model/time.ts";
import type { StartRemediate } from "../src/ports.ts";
import { remediate } from "../src/remediate.ts";
import { type SimulatedCluster, simulateCluster } from "../src/simulate/cluster.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { sweepFleet } from "../src/sweep.ts";
import { settings } from "./support/gateways.ts";
import { OPTIONS } from "./support/heal/scene.ts";
import { targetOf } from "./support/simulated-target.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");
const DUE: GatewaySpec = { createdAgo: 61 * DAY };
const REFUSED: GatewaySpec = { createdAgo: 61 * DAY, refusedFor: 5 * MINUTE };

/** Clusters whose clocks go together, and a sweep that starts `remediate` on their virtual time. */
function fleet(specs: Readonly<Record<string, readonly GatewaySpec[]>>) {
  const clusters = new Map<string, SimulatedCluster>();
  for (const [name, gateways] of Object.entries(specs)) {
    const cluster = simulateCluster({ now: NOW });
    for (const spec of gateways) cluster.addGateway(spec);
    clusters.set(name, cluster);
  }
  const told: string[] = [];
  const later: (() => Promise<void>)[] = [];
  const time = { now: NOW };
  const pass = (millis: number) => {
    time.now += millis;
    for (const { clock } of clusters.values()) clock.advance(Math.max(0, time.now - clock.now()));
  };
  const start: StartRemediate = async ({ cluster: name, hold }) => {
    const cluster = clusters.get(name);
    if (cluster === undefined) throw new Error(`there is no ${name}`);
    later.push(async () => {
      await remediate(cluster, {
        ...OPTIONS,
        name,
        settings: settings({}, { hold }),
        restarter: cluster.restarter,
        now: cluster.clock.now,
        stopAt: null,
        sleep: async (length) => cluster.clock.advance(length),
      });
      time.now = Math.max(time.now, cluster.clock.now());
    });
    return read(null);
  };
  const targets = [...clusters].map(([name, cluster]) => targetOf(cluster, { name }));
  const sweep = (over: { targets?: readonly Target[]; start?: StartRemediate; stopAt?: Instant } = {}) =>
    sweepFleet(over.targets ?? targets, {
      scope: OPTIONS.scope,
      evidence: OPTIONS.evidence,
      now: () => time.now,
      stopAt: over.stopAt ?? Number.POSITIVE_INFINITY,
      maxStarts: 10,
      start: over.start ?? start,
      tell: ({ cluster }) => told.push(cluster),
    });
  /** What the started functions do until they end. */
  const work = async () => {
    for (const one of later.splice(0)) await one();
    pass(MINUTE);
  };
  return { targets, sweep, work, told, pass };
}

const startedBy = ({ started }: FleetResult): string[] => started.map(({ cluster }) => cluster).toSorted();

describe("a sweep over a fleet", () => {
  it("starts nothing where all is well, and tells of every cluster", async () => {
    const { sweep, told } = fleet({ a: [{}], b: [{}] });
    expect(startedBy(await sweep())).toEqual([]);
    expect(told.toSorted()).toEqual(["a", "b"]);
  });

  it("has one cluster finish before the others begin, and heals them all", async () => {
    const { sweep, work } = fleet({ a: [DUE], b: [DUE], c: [DUE] });
    const first = await sweep();
    expect(startedBy(first)).toHaveLength(1);
    expect(first.plan.waiting).toHaveLength(2);
    await work();
    const second = await sweep();
    expect(startedBy(second)).toHaveLength(2);
    await work();
    const third = await sweep();
    expect(startedBy(third)).toEqual([]);
    expect(third.summaries.map(({ verdicts }) => verdicts)).toEqual([{ healthy: 1 }, { healthy: 1 }, { healthy: 1 }]);
    expect(third.summaries.reduce((sum, { ended }) => sum + ended.good, 0)).toBe(3);
  });

  it("begins no more after three that were not cured, and says so", async () => {
    const sick: GatewaySpec = { ...REFUSED, afterRestart: { refused: true } };
    const { sweep, work } = fleet({ a: [sick], b: [sick], c: [sick], d: [sick], e: [sick] });
    for (let round = 0; round < 5; round++) {
      await sweep();
      await work();
    }
    const last = await sweep();
    expect(startedBy(last)).toEqual([]);
    expect(last.summaries.reduce((sum, { ended }) => sum + ended.bad, 0)).toBe(3);
    expect(last.plan.waiting).toHaveLength(2);
    expect(last.plan.waiting[0]?.why).toContain("3 restarts of the last day were refused or failed");
  });

  it("is not held up by a cluster that cannot be reached", async () => {
    const { sweep, targets } = fleet({ a: [DUE] });
    const dead: Target = { ...targetOf(simulateCluster({ now: NOW })), name: "dead", connect: () => Promise.reject(1) };
    const result = await sweep({ targets: [dead, ...targets] });
    expect(startedBy(result)).toEqual(["a"]);
    expect(result.summaries).toMatchObject([{ cluster: "dead", error: { code: "Internal" } }, { error: null }]);
  });

  it("visits no cluster when its time is over, and still starts what the others need", async () => {
    const { sweep, targets } = fleet({ a: [DUE], b: [DUE] });
    let looks = 0;
    const counted = targets.map((target) => ({
      ...target,
      connect: () => {
        looks++;
        return target.connect();
      },
    }));
    const result = await sweep({ targets: counted, stopAt: NOW });
    expect(looks).toBe(0);
    expect(result.summaries.map(({ error }) => error?.code)).toEqual(["OutOfTime", "OutOfTime"]);
    expect(startedBy(result)).toEqual([]);
  });

  it("visits the clusters in turn, and tells of them in their own order", async () => {
    const { sweep, told, pass } = fleet({ a: [{}], b: [{}], c: [{}] });
    const firsts = new Set<string | undefined>();
    for (let round = 0; round < 20; round++) {
      told.length = 0;
      const { summaries } = await sweep({ stopAt: Number.POSITIVE_INFINITY });
      expect(summaries.map(({ cluster }) => cluster)).toEqual(["a", "b", "c"]);
      firsts.add(told[0]);
      pass(15 * MINUTE);
    }
    expect(firsts.size).toBe(3);
  });

  it("gives the answer of a start that was refused", async () => {
    const { sweep } = fleet({ a: [DUE] });
    const refusal: Read<null> = unread({ code: "Forbidden", what: "start remediate", message: "It may not." });
    const result = await sweep({ start: async () => refusal });
    expect(result.started).toEqual([{ cluster: "a", hold: null, answer: refusal }]);
  });

  it("follows a restart that somebody else began, in a cluster that only checks, too", async () => {
    const { sweep, targets } = fleet({ a: [REFUSED] });
    const [target] = targets;
    if (target === undefined) throw new Error("no target");
    const cluster = await target.connect();
    await remediate(cluster, {
      ...OPTIONS,
      settings: settings(),
      restarter: cluster.restarter,
      now: () => NOW,
      stopAt: NOW,
      sleep: async () => undefined,
    });
    const checking = { ...target, settings: settings({}, { mode: "check" }) };
    expect(startedBy(await sweep({ targets: [checking] }))).toEqual(["a"]);
  });
});
