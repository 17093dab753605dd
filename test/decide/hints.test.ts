import { describe, expect, it } from "vitest";
import { planCluster } from "../../src/decide/plan.ts";
import type { AdviceCode, Hint } from "../../src/model/advice.ts";
import type { DecisionSettings } from "../../src/model/policy.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import {
  cluster,
  discoveryOn,
  type GatewayOver,
  gateway,
  NOW,
  pod,
  projected,
  quietLog,
  settings,
} from "../support/gateways.ts";

const hintsOn = (over: GatewayOver, rest: DecisionSettings = settings(), gitVersion = "v1.33.5-eks-1a2b3c") => {
  const [decision] = planCluster(cluster([gateway(over)], { gitVersion }), rest).decisions;
  if (decision === undefined) throw new Error("a gateway got lost");
  return decision.hints;
};
const about = (code: AdviceCode, hints: readonly Hint[]) =>
  hints.filter((hint) => hint.code === code).map((hint) => hint.about);

const asking = (expirationSeconds: number) => ({ token: projected(expirationSeconds) });
const NEW = { image: "apache/apisix:3.16.0" };
const STATIC = { token: { kind: "static" } } as const;
const FILE = { token: { kind: "file" } } as const;
const API7 = { image: "api7/api7-ee-3-gateway:3.10.5" };
const DIGEST = { image: "apache/apisix@sha256:0123" };
const LOUD = { log: quietLog({ firstLineAt: NOW - 20 * SECOND, fileFirstLineAt: NOW - 20 * SECOND }) };
const OFF = discoveryOn({ discovery: { state: "off" } });
const learned = (hours: number) => ({
  lastRestart: {
    state: "known",
    at: NOW - DAY,
    reason: "TokenRefused",
    result: "cured",
    lifetime: hours * HOUR,
  } as const,
});

const suspected = (hours: number) => ({
  lastRestart: {
    ...learned(hours).lastRestart,
    lifetime: null,
    suspected: { at: NOW - DAY, lifetime: hours * HOUR },
  },
});

describe("what would help a gateway", () => {
  it.each<[AdviceCode, string, GatewayOver, readonly (string | null)[]]>([
    ["UpgradeApisix", "3.9.1", {}, ["3.9.1"]],
    [
      "UpgradeApisix",
      "two versions",
      { pods: [pod(), pod({ image: "apache/apisix:2.15.3" }), pod()] },
      ["3.9.1", "2.15.3"],
    ],
    ["UpgradeApisix", "3.16", { pods: [pod(NEW)] }, []],
    ["UpgradeApisix", "2.10, without discovery", { pods: [pod({ image: "apache/apisix:2.10.0" })], config: null }, []],
    ["UpgradeApisix", "an image that does not tell", { pods: [pod(DIGEST)] }, []],
    ["UpgradeApisix", "another product", { pods: [pod(API7)] }, []],
    ["UpgradeApisix", "a static token", { pods: [pod(STATIC)] }, []],
    ["UpgradeApisix", "a file of its own", { pods: [pod(FILE)] }, ["3.9.1"]],
    ["UpgradeApisix", "discovery off", { config: OFF }, []],
    ["UpgradeApisix", "scaled to zero", { pods: [], figures: { desired: 0 } }, []],
    ["RemoveTokenVolume", "the injected volume", {}, []],
    ["RemoveTokenVolume", "its own volumes", { pods: [pod(asking(7_200)), pod(asking(86_400))] }, ["7200", "86400"]],
    [
      "RemoveTokenVolume",
      "its own volume, version not told",
      { pods: [pod({ ...DIGEST, ...asking(7_200) })] },
      ["7200"],
    ],
    ["RemoveTokenVolume", "its own volume, read anew", { pods: [pod({ ...NEW, ...asking(7_200) })] }, []],
    ["RemoveTokenVolume", "a file", { pods: [pod(FILE)] }, []],
    ["SetTokenLifetime", "90 days on EKS", {}, []],
    ["SetTokenLifetime", "learned", { workload: learned(23) }, ["23h"]],
    ["SetTokenLifetime", "learned, longer", { workload: learned(89 * 24 + 22) }, ["89d 22h"]],
    ["SetTokenLifetime", "learned, a whole day", { workload: learned(24) }, ["1d"]],
    ["SetTokenLifetime", "learned, by somebody else", { workload: learned(23.99) }, ["23h"]],
    ["SetTokenLifetime", "suspected", { workload: suspected(23) }, []],
    ["SetTokenLifetime", "learned, of no use", { workload: learned(23), pods: [pod(NEW)] }, []],
    ["ReplaceStaticToken", "mounted", {}, []],
    ["ReplaceStaticToken", "static", { pods: [pod(STATIC), pod(STATIC)] }, [null]],
    ["ReplaceStaticToken", "static in 3.16, which reads it once", { pods: [pod({ ...NEW, ...STATIC })] }, [null]],
    ["ReplaceStaticToken", "static in another product", { pods: [pod({ ...API7, ...STATIC })] }, [null]],
    ["ReplaceStaticToken", "a file", { pods: [pod(FILE)] }, [null]],
    ["ReplaceStaticToken", "a file in 3.16, which reads it anew", { pods: [pod({ ...NEW, ...FILE })] }, []],
    ["GrantDiscovery", "not asked", {}, []],
    ["GrantDiscovery", "allowed", { mayDiscover: read("allowed") }, []],
    ["GrantDiscovery", "denied", { mayDiscover: read("denied") }, ["apisix/default"]],
    ["GrantDiscovery", "no account", { mayDiscover: read("no-account") }, ["apisix/default"]],
    ["GrantDiscovery", "not known", { mayDiscover: unread({ code: "Forbidden", what: "ask", message: "No." }) }, []],
    ["ShowErrorLog", "in the output", {}, []],
    ["ShowErrorLog", "elsewhere", { config: discoveryOn({ hidesErrors: true }) }, [null]],
    ["ShowErrorLog", "elsewhere in 3.16", { config: discoveryOn({ hidesErrors: true }), pods: [pod(NEW)] }, []],
    ["ShowErrorLog", "another product's", { config: discoveryOn({ hidesErrors: true }), pods: [pod(API7)] }, [null]],
    ["ShowErrorLog", "not known", { config: null }, []],
    ["KeepLogsLonger", "quiet", {}, []],
    ["KeepLogsLonger", "loud", { pods: [pod(), pod(LOUD)] }, [null]],
    ["KeepLogsLonger", "loud, static in 3.16", { pods: [pod({ ...NEW, ...STATIC, ...LOUD })] }, [null]],
    ["KeepLogsLonger", "loud in 3.16", { pods: [pod({ ...NEW, ...LOUD })] }, []],
  ])("%s: %s", (code, _case, over, expected) => {
    expect(about(code, hintsOn(over))).toEqual(expected);
  });

  it("is nothing at all where discovery is off", () => {
    expect(hintsOn({ config: OFF, pods: [pod(LOUD), pod(STATIC)] })).toEqual([]);
  });

  it("is the lifetime, where it is assumed", () => {
    expect(about("SetTokenLifetime", hintsOn({}, settings(), "v1.33.5"))).toEqual([null]);
    expect(about("SetTokenLifetime", hintsOn({}, settings({}, { tokenLifetime: DAY }), "v1.33.5"))).toEqual([]);
    expect(
      about("SetTokenLifetime", hintsOn({ workload: learned(23) }, settings({}, { tokenLifetime: 23 * HOUR }))),
    ).toEqual([]);
  });

  /** NOW is a Wednesday, 12:00. Restarted every 60 days, urgent at 80; a token of a day is due at 16 h and urgent at 21 h 20 min. */
  const window = (days: readonly ("mon" | "sat")[], from = "01:00", to = "05:00") => [
    { days, from, to, timeZone: "UTC" },
  ];
  const frozen = (from: string, to: string) => [{ from, to, timeZone: "UTC" }];
  it.each<[string, Parameters<typeof settings>, GatewayOver, readonly string[]]>([
    ["no windows", [{}, { tokenLifetime: DAY }], {}, []],
    ["a window every week, 90 days", [{ windows: window(["sat"]) }], {}, []],
    [
      "a window every week, one day",
      [{ windows: window(["sat"]) }, { tokenLifetime: DAY }],
      { pods: [pod({ age: HOUR })] },
      ["5 h 20 min"],
    ],
    [
      "a window that is open when it becomes due",
      [{ windows: [{ days: ["thu"], from: "02:00", to: "04:00", timeZone: "UTC" }] }, { tokenLifetime: DAY }],
      { pods: [pod({ age: HOUR })] },
      [],
    ],
    [
      "a window that opens as it becomes urgent",
      [{ windows: [{ days: ["thu"], from: "08:20", to: "09:00", timeZone: "UTC" }] }, { tokenLifetime: DAY }],
      { pods: [pod({ age: HOUR })] },
      ["5 h 20 min"],
    ],
    [
      "a window that opens a minute before",
      [{ windows: [{ days: ["thu"], from: "08:19", to: "09:00", timeZone: "UTC" }] }, { tokenLifetime: DAY }],
      { pods: [pod({ age: HOUR })] },
      [],
    ],
    [
      "windows in a freeze only",
      [{ windows: window(["sat"]), freeze: frozen("2026-08-01", "2026-09-30") }],
      {},
      ["20 d"],
    ],
    ["one window after the freeze", [{ windows: window(["sat"]), freeze: frozen("2026-08-01", "2026-08-21") }], {}, []],
    ["a freeze that ends in time, no windows", [{ freeze: frozen("2026-08-01", "2026-08-20") }], {}, []],
    ["a freeze over all of it, no windows", [{ freeze: frozen("2026-08-01", "2026-09-30") }], {}, ["20 d"]],
    ["a version that reads anew", [{ windows: window(["sat"]) }, { tokenLifetime: DAY }], { pods: [pod(NEW)] }, []],
  ])("is other windows or not: %s", (_case, rest, over, expected) => {
    expect(about("MoveWindows", hintsOn(over, settings(...rest)))).toEqual(expected);
  });

  it("does not depend on the time at which it is asked", () => {
    const rest = settings({ windows: window(["sat"]) }, { tokenLifetime: DAY });
    const observation = cluster([gateway({ pods: [pod({ age: 20 * HOUR })] })]);
    for (const later of [0, MINUTE, 3 * HOUR]) {
      const [decision] = planCluster(observation, rest, NOW + later).decisions;
      expect(about("MoveWindows", decision?.hints ?? [])).toEqual(["5 h 20 min"]);
    }
  });
});
