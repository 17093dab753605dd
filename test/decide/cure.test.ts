import { describe, expect, it } from "vitest";
import { planCluster } from "../../src/decide/plan.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { LastRestart } from "../../src/model/last-restart.ts";
import type { ClusterObservation } from "../../src/model/observation.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { TokenProbe } from "../../src/model/probe.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import {
  cluster,
  discoveryOn,
  type GatewayOver,
  gateway,
  NOW,
  type PodOver,
  pod,
  quietLog,
  refusedLog,
  settings,
} from "../support/gateways.ts";

const SUBJECT = "system:serviceaccount:apisix:default";

/** A process as old as its container, beside a file that the kubelet renewed half an hour ago. */
const probe = (readAt: number, fileAge = 30 * MINUTE): TokenProbe => ({
  readAt,
  agent: 4_711,
  fileChangedAt: NOW - fileAge + SECOND,
  claims: { issuedAt: NOW - fileAge, lifetime: 365 * DAY, subject: SUBJECT },
});

const probed = ({ age = 61 * DAY, ...over }: PodOver = {}) =>
  pod({ age, probe: read(probe(NOW - age + SECOND)), ...over });

const RELOAD: Partial<Policy> = { cure: "reload" };

function decide(over: GatewayOver = {}, policy = RELOAD, around: Partial<ClusterObservation> = {}): Decision {
  const observed = gateway({ pods: [probed()], ...over });
  const [decision] = planCluster(cluster([observed], around), settings(policy)).decisions;
  if (decision === undefined) throw new Error("the gateway got lost");
  return decision;
}

const reloaded = (result: Extract<LastRestart, { state: "known" }>["result"], at = NOW - 30 * MINUTE) => ({
  lastRestart: { state: "known", at, reason: "NearDeadline", cure: "reload", result, lifetime: null } as const,
});

describe("which cure", () => {
  it.each<[string, GatewayOver, string]>([
    ["is due", {}, "due"],
    ["is near its deadline", { pods: [probed({ age: 85 * DAY })] }, "expiring"],
  ])("an old token that is not refused is reloaded: it %s", (_case, over, verdict) => {
    const { warnings, ...decision } = decide(over);
    expect(decision).toMatchObject({ verdict, action: "reload" });
    expect(warnings).toEqual([]);
  });

  it("unless nobody asked for that", () => {
    expect(decide({}, {})).toMatchObject({ verdict: "due", action: "restart", warnings: [] });
  });

  it("nor when a person asks for a restart", () => {
    const observed = gateway({ pods: [probed()] });
    const asked = { refresh: { namespace: "apisix", kind: "Deployment", name: "apisix" } } as const;
    const [decision] = planCluster(cluster([observed]), settings(RELOAD, asked)).decisions;
    expect(decision).toMatchObject({ verdict: "due", action: "restart", warnings: [] });
  });

  it.each<[string, GatewayOver, RegExp]>([
    ["is refused", { pods: [probed({ age: 13 * HOUR, log: refusedLog() })] }, /services that were deleted/],
    ["was reloaded in vain", { workload: reloaded("unproven") }, /its last reload ended unproven\.$/],
    ["is refused since its last reload", { workload: reloaded("refused") }, /its last reload ended refused\.$/],
    [
      "does not tell of itself",
      { pods: [probed({ probe: null })] },
      /which process of pod apisix-5d9c7-a holds the token/,
    ],
    [
      "tells nothing in one of its pods",
      { pods: [probed(), probed({ name: "b", probe: unread({ code: "Timeout", what: "?", message: "It hung." }) })] },
      /which process of pod b holds the token/,
    ],
    [
      "is not believed",
      { pods: [probed({ probe: read({ ...probe(NOW - 61 * DAY), readAt: NOW + HOUR }) })] },
      /which process of pod apisix-5d9c7-a holds/,
    ],
    [
      "has no newer token in its file",
      { pods: [probed({ probe: read(probe(NOW - 61 * DAY + SECOND, 61 * DAY)) })] },
      /the token in the file of pod apisix-5d9c7-a is as old/,
    ],
  ])("one that %s is restarted, and the report says why", (_case, over, why) => {
    const { action, warnings } = decide(over);
    expect(action).toBe("restart");
    expect(warnings).toContainEqual(expect.stringMatching(why));
    expect(warnings).toContainEqual(expect.stringMatching(/^It is restarted, not reloaded: /));
  });

  it.each([
    ["due this very moment", 60 * DAY, "restart"],
    ["due in a second", 60 * DAY - SECOND, "reload"],
  ])("a token in the file that is %s makes the difference", (_case, fileAge, action) => {
    const holds = { ...probe(NOW - 61 * DAY), claims: probe(NOW, fileAge).claims, fileChangedAt: NOW - fileAge };
    expect(decide({ pods: [probed({ probe: read(holds) })] }).action).toBe(action);
  });

  it("a reload that was proven, or is not yet, is no reason against another", () => {
    expect(decide({ workload: reloaded("renewed", NOW - 60 * DAY) })).toMatchObject({ action: "reload" });
    const { blockers, action } = decide({ workload: reloaded(null) });
    expect(action).toBe("reload");
    expect(blockers).toMatchObject([{ reason: "Cooldown", message: expect.stringContaining("It was reloaded at") }]);
  });

  it("what is decided for another time looks at the file of today", () => {
    const observed = gateway({ pods: [probed({ age: 20 * DAY })] });
    const [decision] = planCluster(cluster([observed]), settings(RELOAD), NOW + 45 * DAY).decisions;
    expect(decision).toMatchObject({ verdict: "due", action: "reload" });
  });
});

describe("what holds a reload back", () => {
  const held = (over: GatewayOver, policy = RELOAD) => decide(over, policy).blockers.map(({ reason }) => reason);

  it.each<[string, GatewayOver]>([
    ["pods that a restart would stop together", { figures: { strategy: "Recreate" } }],
    ["pods that a restart would keep", { figures: { strategy: "OnDelete" } }],
    [
      "pods that a restart would keep, of a StatefulSet",
      { workload: { kind: "StatefulSet" }, figures: { partition: 2 } },
    ],
    ["a ConfigMap that is newer", { config: discoveryOn({ changedAt: NOW - HOUR }) }],
    ["a tag that may have moved", { template: { container: { name: "apisix", image: "apache/apisix:latest" } } }],
    ["an unavailable pod", { figures: { desired: 2, total: 2, updated: 2, available: 1 } }],
  ])("not %s", (_case, over) => {
    expect(held(over)).toEqual([]);
    expect(held(over, {})).not.toEqual([]);
  });

  it.each<[string, GatewayOver, Partial<Policy>, string]>([
    ["a freeze", {}, { freeze: [{ from: "2026-06-01", to: "2026-06-30", timeZone: "UTC" }] }, "Frozen"],
    ["a pause", { figures: { paused: true } }, {}, "Paused"],
    ["its owners", { workload: { optedOut: true } }, {}, "OptedOut"],
    ["a rollout", { figures: { generation: 2 } }, {}, "RolloutInProgress"],
    ["an account that may not list endpoints", { mayDiscover: read("denied") }, {}, "DiscoveryForbidden"],
  ])("but %s, as a restart", (_case, over, policy, reason) => {
    expect(held(over, { ...RELOAD, ...policy })).toEqual([reason]);
  });
});

describe("after a reload that was no cure", () => {
  it.each(["unproven", "refused"] as const)("the restart does not wait: it ended %s", (result) => {
    const { action, blockers } = decide({ workload: reloaded(result, NOW - MINUTE) });
    expect({ action, blockers }).toEqual({ action: "restart", blockers: [] });
  });

  it("other gateways wait, if it was refused", () => {
    const others = (result: "unproven" | "refused") => {
      const sick = gateway({
        pods: [probed({ age: DAY })],
        workload: { name: "sick", ...reloaded(result, NOW - 5 * MINUTE) },
      });
      const plan = planCluster(cluster([gateway({ pods: [probed()] }), sick]), settings(RELOAD));
      return plan.decisions.find(({ gateway: { name } }) => name === "apisix")?.blockers;
    };
    expect(others("refused")).toMatchObject([
      { reason: "CanaryNotCured", message: expect.stringContaining("sick was reloaded in the last day") },
    ]);
    expect(others("unproven")).toEqual([]);
  });
});

describe("the age of a token that was reloaded", () => {
  const AT = NOW - 10 * DAY;
  const R = 2_886 * SECOND;
  const LAG = 150 * SECOND;
  const old = (over: PodOver = {}) => [probed({ age: 85 * DAY, probe: null, ...over })];

  it("counts from a reload that was proven, where no probe tells more", () => {
    const { verdict, token } = decide({ workload: reloaded("renewed", AT), pods: old() });
    expect(verdict).toBe("healthy");
    expect(token).toMatchObject({
      evidence: "reload",
      issuedAt: { earliest: AT - R - LAG, latest: AT + 5 * MINUTE },
    });
  });

  it.each<[string, GatewayOver, Partial<Policy>?]>([
    ["it was not proven", { workload: reloaded("unproven", AT), pods: old() }],
    [
      "it was a restart",
      { workload: { lastRestart: { ...reloaded("renewed", AT).lastRestart, cure: "restart" } }, pods: old() },
    ],
    ["nobody asks for reloads", { workload: reloaded("renewed", AT), pods: old() }, {}],
    ["it has no result", { workload: reloaded(null, AT), pods: old() }],
  ])("but not when %s", (_case, over, policy = RELOAD) => {
    expect(decide(over, policy)).toMatchObject({ verdict: "expiring", token: { evidence: "container-start" } });
  });

  it("nor for a container that started later", () => {
    const { token } = decide({ workload: reloaded("renewed", AT), pods: old({ age: 5 * DAY }) });
    expect(token).toMatchObject({ evidence: "container-start", issuedAt: { latest: NOW - 5 * DAY } });
  });

  it("nor where the probe tells otherwise", () => {
    const { token } = decide({ workload: reloaded("renewed", AT), pods: [probed({ age: 20 * DAY })] });
    expect(token).toMatchObject({ evidence: "probe", issuedAt: { latest: NOW - 20 * DAY + SECOND } });
  });

  it("is told better by the audit log, of the time since", () => {
    const tokensOf = (usedAt: number) => ({
      audit: read({
        tokens: new Map([["uid-apisix-5d9c7-a", [{ issuedAt: AT - HOUR / 2, usedAt }]]]),
        refused: [],
        oldestAt: null,
        newestAt: null,
        bytes: 0,
        gaps: [],
      }),
    });
    const over = { workload: reloaded("renewed", AT), pods: old() };
    const since = decide(over, RELOAD, tokensOf(NOW - HOUR));
    expect(since.token).toMatchObject({ evidence: "audit" });
    // What was used in the minutes of the reload may be the token before.
    const during = decide(over, RELOAD, tokensOf(AT + 4 * MINUTE));
    expect(during.token).toMatchObject({ evidence: "reload" });
  });

  it("is as old as the reload when a refusal shows how long tokens live", () => {
    const log = refusedLog();
    const shown = (over: PodOver) =>
      decide({ pods: [probed({ age: 50 * DAY, log, ...over })], workload: { lastRestart: { state: "none" } } })
        .lifetimeIfCured;
    expect(shown({ probe: read(probe(NOW - 3 * DAY)) })).toBe(70 * HOUR);
    expect(shown({ probe: null })).toBe(1_198 * HOUR);
  });

  it("has no log of its own to be judged by", () => {
    expect(decide({ workload: reloaded("renewed", AT), pods: old({ log: quietLog({ capped: true }) }) }).verdict).toBe(
      "unknown",
    );
  });
});
