import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BlockerReason, Verdict } from "../../src/model/decision.ts";
import { DAY, HOUR, isoSeconds, MINUTE } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import {
  editConfig,
  failToRollOut,
  hangForMinutes,
  loseServiceAccount,
  pause,
  rollOut,
} from "../support/check/changes.ts";
import { refused } from "../support/check/gateway-logs.ts";
import { restartedByGuard } from "../support/check/gateways.ts";
import type { Scenario } from "../support/check/scenario.ts";
import type { AuditMark } from "../support/control-plane/cluster/audit.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { GUARD } from "../support/guard/install.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import { namespacesOf, type RunOptions, refreshAsGuard, remediateAsGuard, shown } from "../support/guard/run.ts";

const old = 61 * DAY;
const missing = { before: "ready", count: 1 } as const;

const API_DRIVEN = {
  deployment: { role: "traditional", role_traditional: { config_provider: "yaml" } },
  discovery: { kubernetes: {} },
};

/** What holds even against a person's word. */
const ALWAYS: readonly (readonly [why: string, scenario: Scenario, blocker: BlockerReason])[] = [
  ["it is paused", { change: pause }, "Paused"],
  ["its owners opted out", { annotations: { "apisix-token-guard/skip": "true" } }, "OptedOut"],
  ["somebody rolls out a Deployment", { change: rollOut }, "RolloutInProgress"],
  ["somebody rolls out a DaemonSet", { kind: "DaemonSet", change: rollOut }, "RolloutInProgress"],
  ["somebody rolls out a StatefulSet", { kind: "StatefulSet", change: rollOut }, "RolloutInProgress"],
  ["a rollout failed", { change: failToRollOut }, "RolloutFailed"],
  ["a rollout of a DaemonSet hangs", { kind: "DaemonSet", change: hangForMinutes }, "RolloutFailed"],
  ["more pods are missing than its strategy allows", { stuck: missing }, "NotFullyAvailable"],
  ["its only pod is missing", { replicas: 1, stuck: missing }, "NotFullyAvailable"],
  ["its strategy is Recreate", { spec: { strategy: { type: "Recreate" } } }, "RiskyRestart"],
  ["it rolls on delete", { kind: "DaemonSet", spec: { updateStrategy: { type: "OnDelete" } } }, "RiskyRestart"],
  [
    "it has a partition",
    { kind: "StatefulSet", spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
    "RiskyRestart",
  ],
  ["its tag moves", { image: "apache/apisix:latest" }, "RiskyRestart"],
  ["its routes are pushed to it", { config: API_DRIVEN }, "RiskyRestart"],
  ["its ConfigMap was changed", { change: editConfig("apisix: {}\ndiscovery: { kubernetes: {} }\n") }, "RiskyRestart"],
  ["its ServiceAccount may not list endpoints", { mayDiscover: false }, "DiscoveryForbidden"],
  ["its ServiceAccount is gone", { change: loseServiceAccount }, "DiscoveryForbidden"],
];

/** Nothing that a restart could help. */
const BEYOND: readonly (readonly [why: string, scenario: Scenario, verdict: Verdict])[] = [
  ["is scaled to zero", { replicas: 0 }, "unaffected"],
  ["has no pod that runs", { stuck: { before: "start", count: 2 } }, "unknown"],
];

const day = (ahead: number): string => isoSeconds(Date.now() + ahead * DAY).slice(0, 10);

describeCluster("what the guard leaves alone", ({ cluster }) => {
  let place: GuardedPlace["place"];
  let guarded: GuardedPlace;
  let since: AuditMark;

  beforeAll(async () => {
    guarded = await guardCluster(cluster);
    ({ place } = guarded);
    since = await cluster.audit.mark();
  });
  afterAll(() => guarded?.leave());

  /** What the guard tried to write there, whether or not it was let. */
  const writes = async (gateways: readonly GatewayRef[]): Promise<string[]> => {
    const events = await cluster.audit.writes({ since, user: GUARD.user });
    const namespaces = namespacesOf(gateways);
    return events
      .filter(({ objectRef }) => namespaces.includes(objectRef?.namespace ?? ""))
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  };

  const bothWays = async (gateway: GatewayRef, all: readonly GatewayRef[] = [gateway], options: RunOptions = {}) => [
    await remediateAsGuard(cluster, namespacesOf(all), { once: true, ...options }),
    await refreshAsGuard(cluster, gateway, namespacesOf(all), { once: true, ...options }),
  ];

  const held = (reason: BlockerReason) => expect.arrayContaining([expect.objectContaining({ reason, waived: false })]);

  describe.concurrent("in every case, also when a person asks, when", () => {
    it.each(ALWAYS)("%s", async (_, scenario, blocker) => {
      const gateway = await place({ age: old, ...scenario });
      for (const { report } of await bothWays(gateway)) {
        expect(shown(report, gateway)).toMatchObject({ action: "restart", blockers: held(blocker), outcome: null });
      }
      expect(await writes([gateway])).toEqual([]);
    });

    it("another gateway is not done yet", async () => {
      const gateway = await place({ age: old });
      const other = await place({ age: MINUTE, ...restartedByGuard(MINUTE), change: rollOut });
      for (const { report } of await bothWays(gateway, [gateway, other])) {
        expect(shown(report, gateway)).toMatchObject({ blockers: held("OneAtATime"), outcome: null });
      }
      expect(await writes([gateway, other])).toEqual([]);
    });

    it.each(BEYOND)("it %s", async (_, scenario, verdict) => {
      const gateway = await place({ age: old, ...scenario });
      for (const { report } of await bothWays(gateway)) {
        expect(shown(report, gateway)).toMatchObject({ verdict, outcome: null });
        expect(shown(report, gateway)?.action).not.toBe("restart");
      }
      expect(await writes([gateway])).toEqual([]);
    });
  });

  describe.concurrent("of itself, when", () => {
    const rows: readonly (readonly [why: string, scenario: Scenario, options: RunOptions, blocker: BlockerReason])[] = [
      ["it may only check", { age: 13 * HOUR, log: refused }, { rest: { mode: "check" } }, "CheckOnly"],
      [
        "its last restart was a moment ago",
        { age: 13 * HOUR, log: refused, ...restartedByGuard(13 * HOUR, { result: "cured" }) },
        { policy: { cooldown: DAY } },
        "Cooldown",
      ],
      [
        "a freeze holds and nothing is urgent",
        { age: old },
        { policy: { freeze: [{ from: day(-1), to: day(1), timeZone: "UTC" }] } },
        "Frozen",
      ],
    ];

    it.each(rows)("%s", async (_, scenario, options, blocker) => {
      const gateway = await place(scenario);
      const { report } = await remediateAsGuard(cluster, [gateway.namespace], options);
      expect(shown(report, gateway)).toMatchObject({ action: "restart", blockers: held(blocker), outcome: null });
      expect(await writes([gateway])).toEqual([]);
    });
  });
});
