import { describe, expect, it } from "vitest";
import { frozenUntil, windowAt } from "../../src/decide/window.ts";
import type { Freeze, Window } from "../../src/model/policy.ts";
import { HOUR, isoSeconds } from "../../src/model/time.ts";

const WEEKEND: Window = { days: ["sat", "sun"], from: "01:00", to: "05:00", timeZone: "Europe/Berlin" };
const FRIDAY_NIGHT: Window = { days: ["fri"], from: "22:00", to: "04:00", timeZone: "UTC" };
const NOON: Window = { days: ["wed"], from: "12:15", to: "12:45", timeZone: "UTC" };
const at = (text: string) => Date.parse(text);

describe("windowAt", () => {
  it("is always open without windows", () => {
    expect(windowAt([], at("2026-06-10T12:00:00Z"))).toEqual({ open: true });
  });

  it.each([
    // 2026-06-13 is a Saturday; Berlin is two hours ahead of UTC.
    ["one second before it opens", [WEEKEND], "2026-06-12T22:59:59Z", false],
    ["a quarter of a second before it opens", [WEEKEND], "2026-06-12T22:59:59.750Z", false],
    ["its first second", [WEEKEND], "2026-06-12T23:00:00Z", true],
    ["in the middle, with a fraction of a second", [WEEKEND], "2026-06-13T01:30:00.250Z", true],
    ["its last second", [WEEKEND], "2026-06-13T02:59:59Z", true],
    ["the second it closes", [WEEKEND], "2026-06-13T03:00:00Z", false],
    ["another day at the same time", [WEEKEND], "2026-06-10T01:30:00Z", false],
    ["winter time, one hour ahead of UTC", [WEEKEND], "2026-12-12T00:30:00Z", true],
    ["over midnight, before it", [FRIDAY_NIGHT], "2026-06-12T23:00:00Z", true],
    ["over midnight, its last second", [FRIDAY_NIGHT], "2026-06-13T03:59:59Z", true],
    ["over midnight, the second it closes", [FRIDAY_NIGHT], "2026-06-13T04:00:00Z", false],
    ["the night before a window over midnight", [FRIDAY_NIGHT], "2026-06-12T03:00:00Z", false],
    ["minutes past the hour, before it opens", [NOON], "2026-06-10T12:14:59Z", false],
    ["minutes past the hour, its first second", [NOON], "2026-06-10T12:15:00Z", true],
    ["minutes past the hour, its last second", [NOON], "2026-06-10T12:44:59Z", true],
    ["minutes past the hour, the second it closes", [NOON], "2026-06-10T12:45:00Z", false],
    ["the day that clocks go forward: 02:30 exists not, the window does", [WEEKEND], "2026-03-29T01:30:00Z", true],
    ["one of two windows, the first", [FRIDAY_NIGHT, WEEKEND], "2026-06-13T03:30:00Z", true],
    ["one of two windows, the second", [FRIDAY_NIGHT, WEEKEND], "2026-06-14T00:00:00Z", true],
    ["neither of two windows", [FRIDAY_NIGHT, WEEKEND], "2026-06-14T03:30:00Z", false],
  ])("%s", (_case, windows, now, open) => {
    expect(windowAt(windows, at(now)).open).toBe(open);
  });

  it.each([
    ["the first of two windows", [FRIDAY_NIGHT, WEEKEND], "2026-06-10T12:00:00Z", "2026-06-12T22:00:00Z"],
    ["whatever their order", [WEEKEND, FRIDAY_NIGHT], "2026-06-10T12:00:00Z", "2026-06-12T22:00:00Z"],
    ["minutes past the hour", [NOON], "2026-06-10T12:00:00Z", "2026-06-10T12:15:00Z"],
    ["the next day of the same window", [WEEKEND], "2026-06-13T03:00:00Z", "2026-06-13T23:00:00Z"],
  ])("opens next: %s", (_case, windows, now, opensAt) => {
    expect(windowAt(windows, at(now))).toEqual({ open: false, opensAt: at(opensAt) });
  });

  it("opens never again as far as anybody looks", () => {
    expect(windowAt([WEEKEND], at("9999-06-10T12:00:00Z"))).toEqual({ open: false, opensAt: null });
  });

  it("lasts a whole day when it ends at the time it begins", () => {
    const sunday: Window = { days: ["sun"], from: "00:00", to: "00:00", timeZone: "UTC" };
    expect(windowAt([sunday], at("2026-06-14T00:00:00Z"))).toEqual({ open: true });
    expect(windowAt([sunday], at("2026-06-14T23:59:59Z"))).toEqual({ open: true });
    expect(windowAt([sunday], at("2026-06-15T00:00:00Z"))).toEqual({
      open: false,
      opensAt: at("2026-06-21T00:00:00Z"),
    });
  });
});

describe("frozenUntil", () => {
  const XMAS: Freeze = { from: "2026-12-20", to: "2027-01-02", timeZone: "Europe/Berlin" };
  it.each([
    ["the last second before", "2026-12-19T22:59:59Z", null],
    ["the first second", "2026-12-19T23:00:00Z", "2027-01-02T23:00:00Z"],
    ["the last second", "2027-01-02T22:59:59Z", "2027-01-02T23:00:00Z"],
    ["the first second after", "2027-01-02T23:00:00Z", null],
  ])("%s", (_case, now, until) => {
    const end = frozenUntil([XMAS], at(now));
    expect(end === null ? null : isoSeconds(end)).toBe(until);
  });

  const on = (from: string, to: string, timeZone = "UTC"): Freeze => ({ from, to, timeZone });
  it.each([
    ["a day far east of Greenwich", on("2026-06-10", "2026-06-10", "Pacific/Kiritimati"), "2026-06-10T10:00:00Z"],
    ["a day far west of Greenwich", on("2026-06-10", "2026-06-10", "Etc/GMT+12"), "2026-06-11T12:00:00Z"],
    ["a day of 23 hours", on("2026-03-29", "2026-03-29", "Europe/Berlin"), "2026-03-29T22:00:00Z"],
    ["a night whose midnight is skipped", on("2026-04-23", "2026-04-23", "Africa/Cairo"), "2026-04-23T22:00:00Z"],
  ])("ends after %s", (_case, freeze, until) => {
    const end = at(until);
    expect(frozenUntil([freeze], at(until) - 22 * HOUR)).toBe(end);
    expect(frozenUntil([freeze], end - 1)).toBe(end);
    expect(frozenUntil([freeze], end)).toBeNull();
  });

  it("does not count the days of a long freeze", () => {
    const century = on("2026-06-10", "2126-06-10");
    expect(frozenUntil([century], at("2026-06-10T12:00:00Z"))).toBe(at("2126-06-11T00:00:00Z"));
  });

  it("holds as good as for ever until the last day there is", () => {
    const until = frozenUntil([on("2026-06-10", "9999-12-31")], at("2026-06-10T12:00:00Z"));
    expect(until).toBeGreaterThanOrEqual(at("9999-12-31T23:59:59Z"));
    expect(Number.isFinite(until)).toBe(true);
  });

  it("joins freezes that adjoin, in any order", () => {
    const more: Freeze = { from: "2027-01-03", to: "2027-01-03", timeZone: "Europe/Berlin" };
    expect(frozenUntil([more, XMAS], at("2026-12-24T12:00:00Z"))).toBe(at("2027-01-03T23:00:00Z"));
  });

  it("is null without freezes", () => {
    expect(frozenUntil([], at("2026-12-24T12:00:00Z"))).toBeNull();
  });
});
