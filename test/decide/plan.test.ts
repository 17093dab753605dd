import { describe, expect, it } from "vitest";
import { freeRestarts, planCluster } from "../../src/decide/plan.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import { cluster, type GatewayOver, gateway, NOW, pod, refusedLog, settings } from "../support/gateways.ts";

const named = (name: string, over: GatewayOver) => gateway({ ...over, workload: { ...over.workload, name } });
const due = (name: string, age: number) => named(name, { pods: [pod({ age })] });
const refused = (name: string, age: number) => named(name, { pods: [pod({ age, log: refusedLog() })] });

describe("planCluster", () => {
  it("puts refused gateways first, then the nearest deadline, then the name", () => {
    const gateways = [due("c", 61 * DAY), due("b", 61 * DAY), due("d", 70 * DAY), refused("z", DAY), named("a", {})];
    const names = planCluster(cluster(gateways), settings()).decisions.map(({ gateway: { name } }) => name);
    expect(names).toEqual(["z", "d", "b", "c", "a"]);
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
      settings({ windows: [{ days: ["sat"], from: "01:00", to: "05:00", timeZone: "UTC" }] }),
      Date.parse("2026-06-13T01:00:00Z"),
    ],
    [
      "when the freeze ends",
      [due("a", 61 * DAY)],
      settings({ freeze: [{ from: "2026-06-10", to: "2026-06-10", timeZone: "UTC" }] }),
      Date.parse("2026-06-11T00:00:00Z"),
    ],
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

  it("warns when the clocks differ by more than a minute", () => {
    const skewed = (clockSkew: number) => planCluster(cluster([], { clockSkew }), settings()).warnings;
    expect(skewed(MINUTE)).toEqual([]);
    expect(skewed(61 * SECOND).join()).toContain("1 min 1 s ahead of");
    expect(skewed(-61 * SECOND).join()).toContain("1 min 1 s behind");
  });

  it("names what matches the selector and is not supported", () => {
    const unsupported = [{ namespace: "edge", kind: "Rollout", name: "apisix" }];
    expect(planCluster(cluster([], { unsupported }), settings()).warnings.join()).toContain("edge/Rollout/apisix");
  });
});
