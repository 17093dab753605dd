import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/model/decision.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { buildFleet, buildReport } from "../../src/report/build.ts";
import { fleetSchema, reportSchema } from "../../src/report/schema.ts";
import {
  blocker,
  clusterResult,
  decision,
  NOON,
  pod,
  refusals,
  SAMPLES,
  STATIC_TOKEN,
  unseen,
} from "../support/sample-decisions.ts";

const unreachable = unseen("staging", "https://10.0.0.1:6443 did not answer in 10 s.");

/** The only gateway of a report made from one decision. */
function gatewayOf(made: Decision) {
  const [gateway] = buildReport(clusterResult({ decisions: [made] })).gateways;
  if (gateway === undefined) throw new Error("the report lost its gateway");
  return gateway;
}

describe("buildReport", () => {
  it("writes every field of a gateway in the form of the contract", () => {
    const made = decision({
      verdict: "rejected",
      reason: "TokenRefused",
      message: "refused",
      action: "restart",
      urgent: true,
      rejections: { lines: 7, pods: 1, perHour: 89.6, lastAt: NOON - 12_345, covered: true },
      blockers: [blocker("OutsideWindow", "opens on Saturday", true)],
      lastRestart: { state: "known", at: NOON - 999, reason: "NearDeadline", result: null, lifetime: 86_400_999 },
      pods: [pod("apisix-0", 0, { rejections: refusals(7) })],
      warnings: ["careful"],
      nextCheckAt: null,
    });
    expect(gatewayOf(made)).toEqual({
      namespace: "shop",
      kind: "Deployment",
      name: "apisix",
      version: "3.9.1",
      verdict: "rejected",
      reason: "TokenRefused",
      message: "refused",
      action: "restart",
      urgent: true,
      deadline: "2026-08-10T09:09:24Z",
      dueAt: "2026-07-11T09:09:24Z",
      nextCheckAt: null,
      token: {
        source: "projected",
        evidence: "container-start",
        lifetimeSeconds: 7_776_000,
        lifetimeFrom: "eks",
        issuedAt: { earliest: "2026-05-12T09:09:24Z", latest: "2026-05-12T10:00:00Z" },
        expiresAt: { earliest: "2026-08-10T09:09:24Z", latest: "2026-08-10T10:00:00Z" },
      },
      rejections: { lines: 7, pods: 1, perHour: 90, lastAt: "2026-06-01T11:59:47Z", covered: true },
      blockers: [{ reason: "OutsideWindow", message: "opens on Saturday", waived: true }],
      lastRestart: {
        at: "2026-06-01T11:59:59Z",
        reason: "NearDeadline",
        cure: "restart",
        result: null,
        lifetimeSeconds: 86_400,
        unreadable: null,
      },
      pods: [
        {
          name: "apisix-0",
          startedAt: "2026-06-01T12:00:00Z",
          rejections: 7,
          refused: true,
          expiresAt: { earliest: "2026-08-30T11:09:24Z", latest: "2026-08-30T12:00:00Z" },
        },
      ],
      warnings: ["careful"],
      outcome: null,
    });
  });

  it("writes what is not known as null", () => {
    const { token, deadline, dueAt } = gatewayOf(decision({ token: STATIC_TOKEN }));
    expect({ token, deadline, dueAt }).toEqual({
      token: {
        source: "static",
        evidence: null,
        lifetimeSeconds: null,
        lifetimeFrom: null,
        issuedAt: null,
        expiresAt: null,
      },
      deadline: null,
      dueAt: null,
    });
    expect(gatewayOf(decision({ token: null })).token).toBeNull();
  });

  it("tells a note of the last restart that cannot be read from none", () => {
    expect(gatewayOf(decision()).lastRestart).toBeNull();
    expect(gatewayOf(decision({ lastRestart: { state: "unreadable", why: "not JSON" } })).lastRestart).toEqual({
      at: null,
      reason: null,
      cure: null,
      result: null,
      lifetimeSeconds: null,
      unreadable: "not JSON",
    });
  });

  it("gives advice on the gateways that are reported on, and on no others", () => {
    const hints = [{ code: "UpgradeApisix", about: "3.9.1" }] as const;
    const decisions = [decision({ name: "a", hints }), decision({ name: "b" })];
    expect(buildReport(clusterResult({ decisions })).advice).toEqual([
      {
        code: "UpgradeApisix",
        message: expect.stringContaining("frees this gateway (now 3.9.1)"),
        gateways: [{ namespace: "shop", kind: "Deployment", name: "a" }],
      },
    ]);
    expect(buildReport(clusterResult({ decisions: decisions.slice(1) })).advice).toEqual([]);
  });

  it("says of a cluster that was not observed only what stopped it", () => {
    expect(buildReport(unreachable)).toEqual({
      schema: "apisix-token-guard/report/v1",
      cluster: "staging",
      gitVersion: null,
      at: "2026-06-01T12:00:00Z",
      observedAt: null,
      settled: null,
      nextCheckAt: null,
      error: { code: "ClusterUnreachable", message: "https://10.0.0.1:6443 did not answer in 10 s." },
      warnings: [],
      gateways: [],
      advice: [],
    });
  });

  it("keeps the moment of the observation apart from the moment that is decided for", () => {
    const { at, observedAt } = buildReport(clusterResult({ at: Date.UTC(2026, 11, 24), observedAt: NOON }));
    expect([at, observedAt]).toEqual(["2026-12-24T00:00:00Z", "2026-06-01T12:00:00Z"]);
  });

  it("keeps gateways in the order of the plan", () => {
    const decisions = [SAMPLES.healthy, SAMPLES.rejected, SAMPLES.due];
    expect(buildReport(clusterResult({ decisions })).gateways.map(({ verdict }) => verdict)).toEqual([
      "healthy",
      "rejected",
      "due",
    ]);
  });
});

describe("what came of restarts", () => {
  const { gateway } = SAMPLES.rejected;
  const outcome: Outcome = {
    result: "cured",
    restartedAt: NOON - 500,
    provenAt: NOON,
    message: "No refusal in 100 s.",
  };
  const result = clusterResult({ decisions: [SAMPLES.healthy, SAMPLES.rejected] });

  it("stands at the gateway it is about, and nowhere else", () => {
    const report = buildReport({ ...result, outcomes: [{ gateway, outcome }] });
    expect(report.gateways.map((one) => one.outcome)).toEqual([
      null,
      {
        result: "cured",
        restartedAt: "2026-06-01T11:59:59Z",
        provenAt: "2026-06-01T12:00:00Z",
        message: "No refusal in 100 s.",
      },
    ]);
  });

  it("is told by the whole name: kind and namespace too", () => {
    const others = [
      { ...gateway, kind: "DaemonSet" as const },
      { ...gateway, namespace: "other" },
    ];
    const report = buildReport({ ...result, outcomes: others.map((other) => ({ gateway: other, outcome })) });
    expect(report.gateways.map((one) => one.outcome)).toEqual([null, null]);
  });
});

describe("settled", () => {
  it.each([true, false])("is what the plan says: %s", (settled) => {
    expect(buildReport(clusterResult({ settled })).settled).toBe(settled);
  });
});

describe("when to look again", () => {
  const [soon, later] = [NOON + 15_000, NOON + 3_600_000];
  it.each<[string, number | null, number | null, string | null]>([
    ["neither is known", null, null, null],
    ["only a verdict may change", later, null, "2026-06-01T13:00:00Z"],
    ["only a rollout is under way", null, soon, "2026-06-01T12:00:15Z"],
    ["both, the rollout first", later, soon, "2026-06-01T12:00:15Z"],
    ["both, the verdict first", soon, later, "2026-06-01T12:00:15Z"],
  ])("is the earlier moment when %s", (_, nextCheckAt, nextLookAt, expected) => {
    expect(buildReport({ ...clusterResult({ nextCheckAt }), nextLookAt }).nextCheckAt).toBe(expected);
  });
});

describe("buildFleet", () => {
  it("holds the reports in the order given", () => {
    const reports = [buildReport(unreachable), buildReport(clusterResult())];
    expect(buildFleet(reports)).toEqual({ schema: "apisix-token-guard/fleet/v1", clusters: reports });
    expect(fleetSchema.safeParse(buildFleet(reports)).success).toBe(true);
  });
});

describe("the contract", () => {
  const valid = buildReport(clusterResult({ decisions: Object.values(SAMPLES) }));

  it("accepts one gateway of every verdict", () => {
    expect(reportSchema.safeParse(valid).error).toBeUndefined();
  });

  it.each<[string, object]>([
    ["a key nobody defined", { ...valid, more: 1 }],
    ["a key left out", Object.fromEntries(Object.entries(valid).filter(([key]) => key !== "error"))],
    ["another schema", { ...valid, schema: "apisix-token-guard/report/v2" }],
    ["fractions of a second", { ...valid, at: "2026-06-01T12:00:00.000Z" }],
    ["another time zone", { ...valid, at: "2026-06-01T14:00:00+02:00" }],
    ["a day that does not exist", { ...valid, at: "2026-02-30T12:00:00Z" }],
    ["an error code nobody defined", { ...valid, error: { code: "Oops", message: "" } }],
    [
      "a negative count",
      { ...valid, gateways: valid.gateways.map((g) => ({ ...g, rejections: { ...g.rejections, lines: -1 } })) },
    ],
    [
      "a verdict nobody defined",
      { ...valid, gateways: valid.gateways.map((gateway) => ({ ...gateway, verdict: "fine" })) },
    ],
  ])("refuses %s", (_, report) => {
    expect(reportSchema.safeParse(report).success).toBe(false);
  });
});
