import { describe, expect, it } from "vitest";
import type { ClusterSummary, FleetResult } from "../../src/model/fleet.ts";
import type { OutcomeResult } from "../../src/model/last-restart.ts";
import { read, unread } from "../../src/model/read.ts";
import { HOUR, MINUTE } from "../../src/model/time.ts";
import { buildReport } from "../../src/report/build.ts";
import { logLines } from "../../src/report/log-lines.ts";
import { clusterMetrics, fleetMetrics, healMetrics, type Metric } from "../../src/report/metrics.ts";
import { newsOf } from "../../src/report/news.ts";
import { summarise } from "../../src/report/summary.ts";
import { sweepSummary } from "../../src/report/sweep-summary.ts";
import { clusterResult, decision, NOON, SAMPLES, unseen } from "../support/sample-decisions.ts";

const values = (metrics: readonly Metric[]) => Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
const ALL = clusterResult({ decisions: Object.values(SAMPLES) });

const fleet = (summaries: readonly ClusterSummary[], over: Partial<FleetResult> = {}): FleetResult => ({
  at: NOON,
  summaries,
  plan: { starts: [], waiting: [] },
  started: [],
  ...over,
});

const ended = (result: OutcomeResult, ago: number, restart: "none" | "rolling" = "none", reason = "TokenRefused") =>
  decision({
    lastRestart: { state: "known", at: NOON - ago, reason, result: restart === "none" ? result : null, lifetime: null },
    restart: { state: restart },
  });

const URGENT = { urgency: "urgent" as const, since: NOON - MINUTE };
const ROUTINE = { urgency: "routine" as const, since: NOON - MINUTE };

describe("the summary of a cluster", () => {
  it("counts verdicts, attention and what is left", () => {
    expect(summarise(ALL)).toMatchObject({
      cluster: "prod",
      error: null,
      gateways: Object.keys(SAMPLES).length,
      verdicts: { expiring: 1, due: 1, verifying: 1, unaffected: 1 },
      urgentBlocked: 1,
      wants: null,
      inFlight: null,
    });
  });

  it("of a cluster that could not be looked at is an error and no number that looks like health", () => {
    expect(summarise(unseen("far"))).toMatchObject({
      cluster: "far",
      error: { code: "ClusterUnreachable" },
      gateways: 0,
      minLifeLeftPercent: null,
      wants: null,
    });
  });

  it.each<[string, ReturnType<typeof decision>, Partial<ClusterSummary>]>([
    ["cured an hour ago", ended("cured", HOUR), { ended: { good: 1, bad: 0 }, inFlight: null }],
    ["renewed an hour ago", ended("renewed", HOUR), { ended: { good: 1, bad: 0 } }],
    ["refused an hour ago", ended("refused", HOUR), { ended: { good: 0, bad: 1 }, attention: 0 }],
    ["failed an hour ago", ended("failed", HOUR), { ended: { good: 0, bad: 1 } }],
    ["reverted an hour ago", ended("reverted", HOUR), { ended: { good: 0, bad: 0 } }],
    ["failed a day ago", ended("failed", 24 * HOUR), { ended: { good: 0, bad: 0 } }],
    [
      "about to be restarted",
      ended("cured", MINUTE, "rolling", "AboutToRestart"),
      { inFlight: { urgency: "routine", since: NOON - MINUTE } },
    ],
    ["being restarted urgently", ended("cured", MINUTE, "rolling"), { inFlight: URGENT, ended: { good: 0, bad: 0 } }],
    ["being restarted by routine", ended("cured", MINUTE, "rolling", "RestartIntervalReached"), { inFlight: ROUTINE }],
  ])("of a gateway %s", (_what, one, expected) => {
    expect(summarise(clusterResult({ decisions: [one] }))).toMatchObject(expected);
  });

  it.each([true, false])("tells the urgency of the restart that is next: %s", (urgent) => {
    const one = decision({ action: "restart", urgent });
    const result = clusterResult({ decisions: [one], restarts: [one.gateway] });
    expect(summarise(result).wants).toBe(urgent ? "urgent" : "routine");
  });

  it("takes the least of what is left of any token that runs out, between 0 and 100", () => {
    const left = (over: Parameters<typeof decision>[0]) =>
      summarise(clusterResult({ decisions: [decision(over)] })).minLifeLeftPercent;
    expect(left({})).toBeCloseTo(77.6, 0);
    expect(left({ deadline: NOON - HOUR })).toBe(0);
    expect(left({ verdict: "unfixable" })).toBeNull();
    expect(left({ dueAt: null })).toBeNull();
    expect(left({ deadline: null })).toBeNull();
  });
});

const notDone = (result: OutcomeResult) => ({
  ...clusterResult(),
  outcomes: [{ gateway: decision().gateway, outcome: { result, restartedAt: null, provenAt: null, message: "?" } }],
});

describe("metrics", () => {
  it("of a cluster are few", () => {
    expect(values(clusterMetrics(summarise(ALL)))).toEqual({
      Attention: 3,
      Unknown: 1,
      MinLifeLeftPercent: 0,
    });
    expect(values(clusterMetrics(summarise(unseen("far"))))).toEqual({ Attention: 0, Unknown: 1 });
  });

  it("of the fleet hold zeroes, and a sweep that saw all says so", () => {
    expect(values(fleetMetrics(fleet([summarise(clusterResult())])))).toEqual({
      Gateways: 1,
      Refused: 0,
      Unfixable: 0,
      Unknown: 0,
      UrgentBlocked: 0,
      RestartFailed: 0,
      ClustersUnknown: 0,
      Started: 0,
      StartFailed: 0,
      MinLifeLeftPercent: 77,
      SweepEnded: 1,
      SweepCompleted: 1,
    });
  });

  it.each([
    ["a cluster was not seen", [summarise(clusterResult()), summarise(unseen("far"))]],
    ["there is no cluster", []],
  ])("of a sweep do not call it complete when %s", (_what, summaries) => {
    expect(values(fleetMetrics(fleet(summaries)))).not.toHaveProperty("SweepCompleted");
  });

  it("of a sweep that found a cluster without gateways call it complete: that cluster was looked at", () => {
    const empty = {
      ...summarise(clusterResult({ decisions: [] })),
      error: { code: "NoGatewayFound", message: "?" } as const,
    };
    expect(values(fleetMetrics(fleet([empty])))).toMatchObject({ ClustersUnknown: 0, SweepCompleted: 1 });
  });

  it("count urgent restarts that wait for the rest of the fleet as blocked", () => {
    const waiting = (["urgent", "routine"] as const).map((wants) => ({ cluster: wants, wants, why: "?" }));
    expect(values(fleetMetrics(fleet([], { plan: { starts: [], waiting } })))).toMatchObject({ UrgentBlocked: 1 });
  });

  it.each<[string, ReturnType<typeof clusterResult>, number]>([
    ["all is done", clusterResult(), 0],
    ["the cluster could not be looked at", unseen("far"), 1],
    ["a restart was not accepted", notDone("deferred"), 1],
    ["somebody else was always faster", notDone("conflict"), 1],
    ["a restart did not help, which has a metric of its own", notDone("refused"), 0],
  ])("of a run that heals, when %s", (_what, result, expected) => {
    expect(values(healMetrics(result))).toEqual({ RestartNotDone: expected });
  });

  it("tell starts that were refused", () => {
    const failure = { code: "Forbidden", what: "start", message: "No." } as const;
    const started = [
      { cluster: "a", hold: null, answer: read(null) },
      { cluster: "b", hold: null, answer: unread(failure) },
    ];
    expect(values(fleetMetrics(fleet([], { started })))).toMatchObject({ Started: 1, StartFailed: 1 });
  });
});

describe("log lines", () => {
  it("hold the report, one for the cluster and one for each gateway", () => {
    const old = decision({ name: "old", hints: [{ code: "UpgradeApisix", about: "3.9.1" }] });
    const report = buildReport(clusterResult({ decisions: [...Object.values(SAMPLES), old] }));
    expect(report.advice[0]?.gateways).toHaveLength(1);
    const [first, ...rest] = logLines(report);
    expect(rest.map(({ fields }) => fields.gateway)).toEqual(report.gateways);
    const { gateways, advice, ...cluster } = report;
    expect(first).toEqual({
      level: "error",
      message: `prod: ${gateways.length} gateways`,
      fields: { ...cluster, advice: [{ code: "UpgradeApisix", message: advice[0]?.message }] },
    });
    expect(new Set(rest.map(({ level }) => level))).toEqual(new Set(["info", "warn", "error"]));
  });

  it("of a cluster that was not seen say why", () => {
    expect(logLines(buildReport(unseen("far")))).toMatchObject([
      { level: "warn", message: "far: It did not answer in 10 s." },
    ]);
  });
});

describe("news", () => {
  const ref = decision().gateway;
  const outcome = (result: OutcomeResult, restartedAt: number | null = NOON - MINUTE) => ({
    gateway: ref,
    outcome: { result, restartedAt, provenAt: NOON, message: "So it is." },
  });

  it("are made of a restart that was ordered", () => {
    const one = decision({ reason: "TokenRefused", message: "Its token is refused." });
    const [news, ...others] = newsOf(clusterResult({ decisions: [one], restarts: [one.gateway] }));
    expect(others).toEqual([]);
    expect(news?.subject).toBe("apisix-token-guard: restarting shop/apisix in prod");
    expect(news?.text).toContain("shop/Deployment/apisix of cluster prod is being restarted: Its token is refused.");
    expect(news?.text).toContain("docs/runbook.md#tokenrefused");
  });

  it.each<[OutcomeResult]>([["renewed"], ["cured"], ["refused"], ["failed"], ["reverted"], ["unproven"]])(
    "are made of a restart that ended %s, and say what to do",
    (result) => {
      const [news] = newsOf({ ...clusterResult(), outcomes: [outcome(result)] });
      expect(news?.subject).toBe(`apisix-token-guard: ${result}: shop/apisix in prod`);
      expect(news?.text.split("\n\n")).toEqual([
        expect.stringContaining("So it is."),
        expect.any(String),
        `Runbook: docs/runbook.md#${result}`,
      ]);
    },
  );

  it.each<[OutcomeResult]>([["deferred"], ["conflict"]])(
    "are not made of a restart that did not take place: %s",
    (result) => {
      const one = decision();
      const result_ = { ...clusterResult({ restarts: [one.gateway] }), outcomes: [outcome(result, null)] };
      expect(newsOf(result_)).toEqual([]);
    },
  );

  it("have the same name as long as they are the same, and another for the next restart", () => {
    const at = (restartedAt: number) =>
      newsOf({ ...clusterResult(), outcomes: [outcome("cured", restartedAt)] })[0]?.key;
    expect(at(NOON)).toBe(at(NOON));
    expect(at(NOON)).not.toBe(at(NOON - HOUR));
  });
});

describe("the answer of a sweep", () => {
  it("counts all and lists some", () => {
    const many = Array.from({ length: 60 }, (_, index) => summarise(unseen(`far-${index}`)));
    const answer = sweepSummary(
      fleet([...many, summarise(ALL)], {
        plan: { starts: [], waiting: [{ cluster: "w", wants: "urgent", why: "?" }] },
      }),
    );
    expect(answer).toMatchObject({
      at: "2026-06-01T12:00:00Z",
      clusters: 61,
      gateways: Object.keys(SAMPLES).length,
      waiting: { count: 1, first: [{ cluster: "w" }] },
      unknownClusters: { count: 60, first: expect.arrayContaining([expect.objectContaining({ cluster: "far-0" })]) },
    });
    expect(answer.unknownClusters.first).toHaveLength(50);
  });
});
