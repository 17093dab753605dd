import { describe, expect, it } from "vitest";
import { CLAIM_REASON } from "../../src/decide/in-flight.ts";
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
  projected,
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

const line = (age: number) => ({
  at: NOW - age * SECOND,
  failure: "unauthorized" as const,
  subsystem: "http" as const,
  pid: 57,
});

const RELOAD: Partial<Policy> = { cure: "reload" };

function decide(over: GatewayOver = {}, policy = RELOAD, around: Partial<ClusterObservation> = {}): Decision {
  const observed = gateway({ pods: [probed()], ...over });
  const [decision] = planCluster(cluster([observed], around), settings(policy)).decisions;
  if (decision === undefined) throw new Error("the gateway got lost");
  return decision;
}

const reloaded = (result: Extract<LastRestart, { state: "known" }>["result"], at = NOW - 30 * MINUTE) => ({
  lastRestart: {
    state: "known",
    at,
    reason: "NearDeadline",
    cure: "reload",
    result,
    lifetime: null,
    reloadFailedAt: result === null || result === "renewed" ? null : at,
  } as const,
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

  it("also where it mounts no configuration", () => {
    expect(decide({ config: null })).toMatchObject({ action: "reload", warnings: [] });
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
    [
      "was reloaded in vain",
      { workload: reloaded("unproven") },
      /its last reload, at 2026-06-10T11:30:00Z, was no cure\.$/,
    ],
    ["is refused since its last reload", { workload: reloaded("refused") }, /its last reload, at .*, was no cure\.$/],
    [
      "was reloaded in vain before a restart that was not taken",
      {
        workload: {
          lastRestart: {
            state: "known",
            at: NOW - 2 * HOUR,
            reason: CLAIM_REASON,
            result: "deferred",
            lifetime: null,
            reloadFailedAt: NOW - 3 * HOUR,
          },
        },
      },
      /its last reload, at .*, was no cure\.$/,
    ],
    [
      "logged one refusal",
      { pods: [probed(), probed({ name: "b", log: quietLog({ lines: [line(20)] }) })] },
      /pod b logged a refusal, and of services that were deleted/,
    ],
    [
      "has reached its deadline",
      { pods: [probed({ age: 90 * DAY - SECOND, probe: read(probe(NOW - 90 * DAY)) })] },
      /the token of pod apisix-5d9c7-a may be refused by now, /,
    ],
    [
      "has a log that does not reach back",
      { pods: [probed(), probed({ name: "b", log: quietLog({ capped: true }) })] },
      /the log of pod b does not show that its token is not refused, /,
    ],
    ["has no log that was read", { pods: [probed({ log: null })] }, /the log of pod apisix-5d9c7-a does not show /],
    [
      "hides its errors",
      { config: discoveryOn({ hidesErrors: true }) },
      /the log of pod apisix-5d9c7-a does not show /,
    ],
    [
      "has a configuration that cannot be read",
      { config: unread({ code: "Timeout", what: "?", message: "It hung." }) },
      /the log of pod apisix-5d9c7-a does not show /,
    ],
    [
      "sees the processes of others",
      { pods: [probed({ sharesProcesses: true })] },
      /pod apisix-5d9c7-a can see and end the processes of other containers\.$/,
    ],
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
      "has a file that was not renewed",
      { pods: [probed({ probe: read(probe(NOW - 61 * DAY + SECOND, 61 * DAY)) })] },
      /the kubelet does not renew the token in the file of pod apisix-5d9c7-a\. Look at the kubelet\.$/,
    ],
    [
      "has a file that is renewed later than it is due",
      {
        pods: [
          probed({
            age: 17 * HOUR,
            token: projected(86_400),
            probe: read({ ...probe(NOW - 17 * HOUR, 17 * HOUR), fileChangedAt: NOW - 17 * HOUR - 10 * SECOND }),
          }),
        ],
      },
      /the token in the file of pod apisix-5d9c7-a is as old; the kubelet renews it 19 h 14 min after its issue\.$/,
    ],
  ])("one that %s is restarted, and the report says why", (_case, over, why) => {
    const { action, warnings } = decide(over);
    expect(action).toBe("restart");
    expect(warnings).toContainEqual(expect.stringMatching(why));
    expect(warnings).toContainEqual(expect.stringMatching(/^It is restarted, not reloaded: /));
  });

  const R = 2_886 * SECOND;
  const LAG = 150 * SECOND;
  it.each([
    ["as old as the kubelet lets it become", R + LAG, "reload"],
    ["a second older", R + LAG + SECOND, "restart"],
  ])("a file that is %s makes the difference", (_case, fileAge, action) => {
    expect(decide({ pods: [probed({ probe: read(probe(NOW - 61 * DAY, fileAge)) })] }).action).toBe(action);
  });

  it.each([
    ["due this very moment", 40 * MINUTE, "restart"],
    ["due in a second", 40 * MINUTE - SECOND, "reload"],
  ])("a token in the file that is %s makes the difference", (_case, fileAge, action) => {
    const policy = { ...RELOAD, restartEvery: 40 * MINUTE };
    expect(decide({ pods: [probed({ probe: read(probe(NOW - DAY, fileAge)) })] }, policy).action).toBe(action);
  });

  it("a pod that has no token of such a kind is not asked", () => {
    const other = pod({
      name: "b",
      age: 61 * DAY,
      image: "apache/apisix:3.16.0-debian",
      probe: null,
      log: quietLog({ capped: true }),
    });
    expect(decide({ pods: [probed(), other] })).toMatchObject({ action: "reload", warnings: [] });
  });

  it.each([
    [DAY - SECOND, "restart"],
    [DAY, "reload"],
  ])("a reload that was no cure speaks against another for a day: after %d ms", (age, action) => {
    expect(decide({ workload: reloaded("unproven", NOW - age) }).action).toBe(action);
  });

  it("a reload that was proven, or is not yet, is no reason against another", () => {
    expect(decide({ workload: reloaded("renewed", NOW - 60 * DAY) })).toMatchObject({ action: "reload" });
    const { blockers, action } = decide({ workload: reloaded(null) });
    expect(action).toBe("reload");
    expect(blockers).toMatchObject([
      { reason: "RolloutInProgress", message: "A reload is under way, or its result is not noted yet." },
      { reason: "Cooldown", message: expect.stringContaining("It was reloaded at") },
    ]);
    expect(decide({ workload: reloaded("renewed") }).blockers).toMatchObject([{ reason: "Cooldown" }]);
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

  it("pods that are older than it were not kept by a restart", () => {
    const { action, blockers } = decide(
      {
        pods: [probed({ age: 30 * DAY, log: refusedLog() })],
        workload: { kind: "StatefulSet", ...reloaded("renewed", NOW - 20 * DAY) },
        figures: { partition: 1 },
      },
      { ...RELOAD, allowRisky: ["partition"] },
    );
    expect(action).toBe("restart");
    expect(blockers.filter(({ waived }) => !waived)).toEqual([]);
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
      issuedAt: { earliest: AT - R - LAG, latest: AT + HOUR },
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
    const during = decide(over, RELOAD, tokensOf(AT + 59 * MINUTE));
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
