import { describe, expect, it } from "vitest";
import type { Decision, Verdict } from "../../src/model/decision.ts";
import type { OutcomeResult } from "../../src/model/last-restart.ts";
import { buildReport } from "../../src/report/build.ts";
import { exitCode } from "../../src/report/exit-code.ts";
import type { Report } from "../../src/report/schema.ts";
import { blocker, clusterResult, decision, SAMPLES, unseen } from "../support/sample-decisions.ts";

const reportOn = (...decisions: readonly Decision[]): Report => buildReport(clusterResult({ decisions }));

/** A report on one gateway whose restart has ended. */
function restarted(verdict: Verdict, result: OutcomeResult): Report {
  const made = decision({ verdict });
  const outcome = { result, restartedAt: null, provenAt: null, message: "" };
  return buildReport({ ...clusterResult({ decisions: [made] }), outcomes: [{ gateway: made.gateway, outcome }] });
}

const stopped = buildReport({ ...clusterResult(), error: { code: "ClusterUnreadable", message: "" } });

describe("exitCode", () => {
  it.each<[Verdict, 0 | 1 | 2]>([
    ["unknown", 1],
    ["unfixable", 2],
    ["rejected", 2],
    ["unaffected", 0],
    ["expiring", 2],
    ["due", 0],
    ["verifying", 0],
    ["healthy", 0],
  ])("for the verdict %s is %i", (verdict, code) => {
    expect(exitCode([reportOn(decision({ verdict }))])).toBe(code);
  });

  it.each<[string, 0 | 2, Partial<Decision>]>([
    ["due and waiting for its window", 0, { verdict: "due", blockers: [blocker("OutsideWindow", "")] }],
    ["urgent and blocked", 2, { verdict: "due", urgent: true, blockers: [blocker("Cooldown", "")] }],
    ["urgent and every blocker waived", 0, { verdict: "due", urgent: true, blockers: [blocker("Frozen", "", true)] }],
    ["a failed rollout, whoever began it", 2, { verdict: "due", blockers: [blocker("RolloutFailed", "")] }],
    ["a rollout under way", 0, { verdict: "due", blockers: [blocker("RolloutInProgress", "")] }],
  ])("for a gateway that is %s is %i", (_, code, overrides) => {
    expect(exitCode([reportOn(decision(overrides))])).toBe(code);
  });

  it.each<[OutcomeResult, Verdict, 0 | 1 | 2]>([
    ["renewed", "healthy", 0],
    ["cured", "healthy", 0],
    ["refused", "verifying", 2],
    ["failed", "verifying", 2],
    ["reverted", "due", 2],
    ["unproven", "verifying", 1],
    ["conflict", "due", 1],
    ["conflict", "rejected", 2],
    ["deferred", "due", 1],
    ["deferred", "expiring", 2],
    // Refused again while the run was busy with other gateways.
    ["cured", "unfixable", 2],
    ["renewed", "unknown", 1],
  ])("for a restart that ended %s, and a gateway that is %s now, is %i", (result, verdict, code) => {
    expect(exitCode([restarted(verdict, result)])).toBe(code);
  });

  it.each<[string, 0 | 1 | 2, readonly Report[]]>([
    ["no cluster at all", 1, []],
    ["a cluster without a gateway", 1, [reportOn()]],
    ["a cluster that could not be looked at", 1, [buildReport(unseen("b"))]],
    ["a cluster whose look was stopped half-way", 1, [stopped]],
    ["a broken cluster beside a refused gateway", 2, [buildReport(unseen("b")), reportOn(SAMPLES.rejected)]],
    ["a refused gateway in the first of two clusters", 2, [reportOn(SAMPLES.rejected), reportOn(SAMPLES.healthy)]],
    ["a refused gateway between healthy ones", 2, [reportOn(SAMPLES.healthy, SAMPLES.rejected, SAMPLES.unaffected)]],
    ["an unknown gateway beside a healthy one", 1, [reportOn(SAMPLES.unknown, SAMPLES.healthy)]],
    ["two clusters in order", 0, [reportOn(SAMPLES.healthy), reportOn(SAMPLES.due, SAMPLES.verifying)]],
  ])("for %s is %i", (_, code, reports) => {
    expect(exitCode(reports)).toBe(code);
  });
});
