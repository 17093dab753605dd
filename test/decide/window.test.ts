import { describe, expect, it } from "vitest";
import { frozenUntil, windowAt } from "../../src/decide/window.ts";
import type { Freeze, Window } from "../../src/model/policy.ts";
import { isoSeconds } from "../../src/model/time.ts";

const WEEKEND: Window = { days: ["sat", "sun"], from: "01:00", to: "05:00", timeZone: "Europe/Berlin" };
const FRIDAY_NIGHT: Window = { days: ["fri"], from: "22:00", to: "04:00", timeZone: "UTC" };
const at = (text: string) => Date.parse(text);

describe("windowAt", () => {
  it("is always open without windows", () => {
    expect(windowAt([], at("2026-06-10T12:00:00Z"))).toEqual({ open: true, until: null });
  });

  it.each([
    // 2026-06-13 is a Saturday; Berlin is two hours ahead of UTC.
    ["one second before it opens", [WEEKEND], "2026-06-12T22:59:59Z", null],
    ["its first second", [WEEKEND], "2026-06-12T23:00:00Z", "2026-06-13T03:00:00Z"],
    ["in the middle, with a fraction of a second", [WEEKEND], "2026-06-13T01:30:00.250Z", "2026-06-13T03:00:00Z"],
    ["its last second", [WEEKEND], "2026-06-13T02:59:59Z", "2026-06-13T03:00:00Z"],
    ["the second it closes", [WEEKEND], "2026-06-13T03:00:00Z", null],
    ["another day at the same time", [WEEKEND], "2026-06-10T01:30:00Z", null],
    ["winter time, one hour ahead of UTC", [WEEKEND], "2026-12-12T00:30:00Z", "2026-12-12T04:00:00Z"],
    ["over midnight, before it", [FRIDAY_NIGHT], "2026-06-12T23:00:00Z", "2026-06-13T04:00:00Z"],
    ["over midnight, after it", [FRIDAY_NIGHT], "2026-06-13T03:59:59Z", "2026-06-13T04:00:00Z"],
    ["the night before a window over midnight", [FRIDAY_NIGHT], "2026-06-12T03:00:00Z", null],
    [
      "the day that clocks go forward: 02:30 exists not, the window does",
      [WEEKEND],
      "2026-03-29T01:30:00Z",
      "2026-03-29T03:00:00Z",
    ],
    ["one of two windows", [FRIDAY_NIGHT, WEEKEND], "2026-06-14T00:00:00Z", "2026-06-14T03:00:00Z"],
    [
      "two windows at once close with the later",
      [FRIDAY_NIGHT, WEEKEND],
      "2026-06-13T02:00:00Z",
      "2026-06-13T04:00:00Z",
    ],
  ])("%s", (_case, windows, now, until) => {
    const opening = windowAt(windows, at(now));
    expect(opening.open).toBe(until !== null);
    if (opening.open && opening.until !== null) expect(isoSeconds(opening.until)).toBe(until);
  });

  it("tells when the next window opens", () => {
    const opening = windowAt([WEEKEND, FRIDAY_NIGHT], at("2026-06-10T12:00:00Z"));
    expect(opening).toEqual({ open: false, opensAt: at("2026-06-12T22:00:00Z") });
  });

  it("lasts a whole day when it ends at the time it begins", () => {
    const sunday: Window = { days: ["sun"], from: "00:00", to: "00:00", timeZone: "UTC" };
    expect(windowAt([sunday], at("2026-06-14T23:59:59Z"))).toEqual({ open: true, until: at("2026-06-15T00:00:00Z") });
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

  it("joins freezes that adjoin, in any order", () => {
    const more: Freeze = { from: "2027-01-03", to: "2027-01-03", timeZone: "Europe/Berlin" };
    expect(frozenUntil([more, XMAS], at("2026-12-24T12:00:00Z"))).toBe(at("2027-01-03T23:00:00Z"));
  });

  it("is null without freezes", () => {
    expect(frozenUntil([], at("2026-12-24T12:00:00Z"))).toBeNull();
  });
});
