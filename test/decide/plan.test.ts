import { describe, expect, it } from "vitest";
import { freeRestarts, planCluster } from "../../src/decide/plan.ts";
import type { GatewayObservation } from "../../src/model/observation.ts";
import type { Freeze, Window } from "../../src/model/policy.ts";
import { read } from "../../src/model/read.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import { gatewayId } from "../../src/model/workload.ts";
import {
  cluster,
  discoveryOn,
  type GatewayOver,
  gateway,
  NOW,
  pod,
  quietLog,
  refusedLog,
  settings,
} from "../support/gateways.ts";

const named = (name: string, over: GatewayOver) => gateway({ ...over, workload: { ...over.workload, name } });
const due = (name: string, age: number) => named(name, { pods: [pod({ age })] });
const refused = (name: string, age: number) => named(name, { pods: [pod({ age, log: refusedLog() })] });

const SATURDAY: Window = { days: ["sat"], from: "01:00", to: "05:00", timeZone: "UTC" };
const TODAY: Freeze = { from: "2026-06-10", to: "2026-06-10", timeZone: "UTC" };

/** Restarted by the guard, whose note has no result yet. */
const restarted = (name: string, at: number, over: GatewayOver) =>
  named(name, {
    ...over,
    template: { restartedAt: isoSeconds(at) },
    workload: { lastRestart: { state: "known", at, reason: "TokenRefused", result: null, lifetime: null } },
  });
const rolling = (name: string, at: number) => restarted(name, at, { figures: { generation: 2 } });
const proving = (name: string) =>
  restarted(name, NOW - 2 * MINUTE, {
    pods: [pod({ age: MINUTE })],
    revisions: read([{ hash: "5d9c7", restartedAt: isoSeconds(NOW - 2 * MINUTE) }]),
  });

describe("planCluster", () => {
  it("puts refused gateways first, then the nearest deadline, then the name", () => {
    const gateways = [due("c", 61 * DAY), due("b", 61 * DAY), due("d", 70 * DAY), refused("z", DAY), named("a", {})];
    const names = planCluster(cluster(gateways), settings()).decisions.map(({ gateway: { name } }) => name);
    expect(names).toEqual(["z", "d", "b", "c", "a"]);
  });

  it("puts a refused gateway before the nearest deadline, whatever their names", () => {
    const gateways = [refused("a", DAY), due("b", 61 * DAY), refused("c", 2 * DAY), due("d", 70 * DAY)];
    for (const order of [gateways, gateways.toReversed()]) {
      const { decisions } = planCluster(cluster(order), settings());
      expect(decisions.map(({ gateway: { name } }) => name)).toEqual(["c", "a", "d", "b"]);
    }
  });

  it("names the same gateway in flight, whatever was seen first", () => {
    const gateways = [due("a", 61 * DAY), rolling("b", NOW - MINUTE), rolling("c", NOW - MINUTE)];
    for (const order of [gateways, gateways.toReversed()]) {
      const { decisions } = planCluster(cluster(order), settings());
      const held = decisions.find(({ gateway: { name } }) => name === "a")?.blockers ?? [];
      expect(held.map(({ message }) => message)).toEqual([
        "apisix/Deployment/b was restarted and its result is not known yet.",
      ]);
    }
  });

  it("restarts one gateway at a time", () => {
    const plan = planCluster(cluster([due("a", 61 * DAY), due("b", 62 * DAY)]), settings());
    expect(plan.restarts.map(({ name }) => name)).toEqual(["b"]);
  });

  it("does not let a blocked gateway hold up a free one", () => {
    const paused = named("paused", { pods: [pod({ age: 70 * DAY })], figures: { paused: true } });
    const plan = planCluster(cluster([paused, due("free", 61 * DAY)]), settings());
    expect(plan.restarts.map(({ name }) => name)).toEqual(["free"]);
  });

  it("names every free gateway in the order in which it is tried", () => {
    const { decisions } = planCluster(
      cluster([due("a", 61 * DAY), due("b", 62 * DAY), refused("c", 13 * HOUR)]),
      settings(),
    );
    expect(freeRestarts(decisions, settings()).map(({ name }) => name)).toEqual(["c", "b", "a"]);
    const refresh = { namespace: "apisix", kind: "Deployment" as const, name: "a" };
    expect(freeRestarts(decisions, settings({}, { refresh })).map(({ name }) => name)).toEqual(["a"]);
  });

  it("decides for another moment without forgetting what is refused now", () => {
    const observation = cluster([due("a", DAY), refused("b", DAY)]);
    const plan = planCluster(observation, settings(), NOW + 60 * DAY);
    expect(plan.at).toBe(NOW + 60 * DAY);
    expect(plan.decisions.map(({ verdict }) => verdict)).toEqual(["rejected", "due"]);
  });

  it.each([
    ["when a healthy token becomes due", [due("a", DAY)], settings(), NOW + 59 * DAY],
    ["when a due token becomes urgent", [due("a", 61 * DAY)], settings(), NOW + 19 * DAY],
    [
      "when the window opens",
      [due("a", 61 * DAY)],
      settings({ windows: [SATURDAY] }),
      Date.parse("2026-06-13T01:00:00Z"),
    ],
    ["when the freeze ends", [due("a", 61 * DAY)], settings({ freeze: [TODAY] }), Date.parse("2026-06-11T00:00:00Z")],
    [
      "when the cooldown ends",
      [
        named("a", {
          pods: [pod({ age: 61 * DAY })],
          workload: { lastRestart: { state: "known", at: NOW - MINUTE, reason: "", result: "cured", lifetime: null } },
        }),
      ],
      settings(),
      NOW + HOUR - MINUTE,
    ],
    ["when the first of two gateways becomes due", [due("a", DAY), due("b", 2 * DAY)], settings(), NOW + 58 * DAY],
    [
      "when the first of two pods becomes due",
      [named("a", { pods: [pod({ age: 2 * DAY }), pod({ name: "b" })] })],
      settings(),
      NOW + 58 * DAY,
    ],
    [
      "when the first of a window and a freeze ends",
      [due("a", 61 * DAY)],
      settings({ windows: [SATURDAY], freeze: [TODAY] }),
      Date.parse("2026-06-11T00:00:00Z"),
    ],
    ["15 s later while a restart of ours rolls", [rolling("a", NOW - MINUTE)], settings(), NOW + 15 * SECOND],
    ["when the proof of a restart of ours can be complete", [proving("a")], settings(), NOW + 40 * SECOND],
    [
      "never by itself when discovery is off",
      [named("a", { config: discoveryOn({ discovery: { state: "off" } }) })],
      settings(),
      null,
    ],
    [
      "never by itself when a refusal could hide",
      [named("a", { pods: [pod({ log: quietLog({ capped: true }) })] })],
      settings(),
      null,
    ],
    [
      "not at the next window when it does not wait for it",
      [due("a", 81 * DAY)],
      settings({ windows: [SATURDAY] }),
      null,
    ],
    [
      "when the day after a restart that did not help is over",
      [
        named("a", {
          pods: [pod({ age: 91 * DAY })],
          workload: { lastRestart: { state: "known", at: NOW - HOUR, reason: "", result: "failed", lifetime: null } },
        }),
      ],
      settings(),
      NOW + 23 * HOUR,
    ],
    ["never by itself when the token is past all edges", [due("a", 91 * DAY)], settings(), null],
    ["never by itself when it is not known", [named("a", { pods: [], figures: { desired: 1 } })], settings(), null],
  ])("looks again %s", (_case, gateways, rest, next) => {
    expect(planCluster(cluster(gateways), rest).nextCheckAt).toBe(next);
  });

  it.each<[string, GatewayObservation[], boolean]>([
    ["nothing is to be done", [named("a", {})], true],
    [
      "what is to be done is held back",
      [named("a", { pods: [pod({ age: 61 * DAY })], figures: { paused: true } })],
      true,
    ],
    ["a restart is to be done", [due("a", 61 * DAY)], false],
    ["a restart of ours is under way", [named("a", {}), rolling("b", NOW - MINUTE)], false],
    ["a restart of ours is being proven", [proving("a")], false],
  ])("is settled or not when %s", (_case, gateways, settled) => {
    expect(planCluster(cluster(gateways), settings()).settled).toBe(settled);
  });

  it("tells two gateways of one name apart by namespace and kind", () => {
    const gateways = [
      gateway({ workload: { namespace: "b" } }),
      gateway({ workload: { namespace: "a", kind: "DaemonSet" } }),
      gateway({ workload: { namespace: "a" } }),
    ];
    for (const order of [gateways, gateways.toReversed()]) {
      const { decisions } = planCluster(cluster(order), settings());
      expect(decisions.map((one) => gatewayId(one.gateway))).toEqual([
        "a/DaemonSet/apisix",
        "a/Deployment/apisix",
        "b/Deployment/apisix",
      ]);
    }
  });

  it("puts gateways whose age is not knowable behind all others", () => {
    const ageless = named("a", { pods: [pod({ token: { kind: "static" } })] });
    const names = planCluster(cluster([ageless, due("b", DAY)]), settings()).decisions.map(
      ({ gateway: { name } }) => name,
    );
    expect(names).toEqual(["b", "a"]);
  });

  it("warns when the clocks differ by more than a minute", () => {
    const skewed = (clockSkew: number) => planCluster(cluster([], { clockSkew }), settings()).warnings;
    expect(skewed(MINUTE)).toEqual([]);
    expect(skewed(61 * SECOND).join()).toContain("1 min 1 s ahead of");
    expect(skewed(-61 * SECOND).join()).toContain("1 min 1 s behind");
  });

  it("names what matches the selector and is not supported", () => {
    const unsupported = [{ namespace: "edge", kind: "Rollout", name: "apisix" }];
    expect(planCluster(cluster([], { unsupported }), settings()).warnings).toEqual([
      "edge/Rollout/apisix matches the selector and is not supported: restart it by its own means.",
    ]);
  });
});
