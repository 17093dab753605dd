import { describe, expect, it } from "vitest";
import { failedReload, failedReloadAfter } from "../../src/decide/last-reload.ts";
import type { LastRestart } from "../../src/model/last-restart.ts";
import { DAY, HOUR } from "../../src/model/time.ts";
import { NOW } from "../support/gateways.ts";

const AT = NOW - HOUR;
const BEFORE = NOW - 3 * HOUR;

const noted = (over: Partial<Extract<LastRestart, { state: "known" }>> = {}): LastRestart => ({
  state: "known",
  at: AT,
  reason: "NearDeadline",
  result: null,
  lifetime: null,
  ...over,
});

describe("what is remembered of a reload that was no cure", () => {
  it.each<[string, LastRestart, "renewed" | "unproven", number | null]>([
    ["it was none", noted({ cure: "reload" }), "unproven", AT],
    ["it was one", noted({ cure: "reload" }), "renewed", null],
    ["it was one, after one that was none", noted({ cure: "reload", reloadFailedAt: BEFORE }), "renewed", null],
    ["it was none, after another", noted({ cure: "reload", reloadFailedAt: BEFORE }), "unproven", AT],
    ["a restart followed", noted({ reloadFailedAt: BEFORE }), "renewed", BEFORE],
    ["a restart followed that was none either", noted({ reloadFailedAt: BEFORE }), "unproven", BEFORE],
    ["there was only a restart", noted(), "unproven", null],
    ["nothing can be read", { state: "unreadable", why: "?" }, "unproven", null],
  ])("%s", (_case, last, result, expected) => {
    expect(failedReloadAfter(last, { result })).toBe(expected);
  });

  it.each<[string, LastRestart, number | null]>([
    ["all but a day ago", noted({ reloadFailedAt: NOW - DAY + 1 }), NOW - DAY + 1],
    ["a day ago", noted({ reloadFailedAt: NOW - DAY }), null],
    ["never", noted(), null],
    ["nobody knows when", { state: "none" }, null],
  ])("speaks against another for a day: %s", (_case, last, expected) => {
    expect(failedReload(last, NOW)).toBe(expected);
  });
});
