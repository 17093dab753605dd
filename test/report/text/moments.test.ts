import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, SECOND } from "../../../src/model/time.ts";
import { absolute, both, relative, soonOrDate, span } from "../../../src/report/text/moments.ts";

const now = Date.UTC(2026, 5, 30, 9, 9, 59);
const plain = (text: string) => text.replaceAll("\u{a0}", " ");

describe("moments", () => {
  it("are written to the minute, rounded down", () => {
    expect(plain(absolute(now))).toBe("2026-06-30 09:09 UTC");
  });

  it.each<[number, string]>([
    [3 * HOUR + 12 * MINUTE, "in 3 h 12 min"],
    [-42 * SECOND, "42 s ago"],
    [SECOND, "in 1 s"],
    [SECOND - 1, "now"],
    [-(SECOND - 1), "now"],
  ])("%i ms away are told as %s", (distance, text) => {
    expect(relative(now + distance, now)).toBe(text);
  });

  it("can be told both ways", () => {
    expect(plain(both(now + DAY, now))).toBe("in 1 d (2026-07-01 09:09 UTC)");
  });

  it.each<[number, string]>([
    [2 * DAY - 1, "in 1 d 23 h"],
    [2 * DAY, "2026-07-02"],
    [0, "2026-06-30"],
    [-HOUR, "2026-06-30"],
  ])("%i ms away are told as %s where there is room for one", (distance, text) => {
    expect(soonOrDate(now + distance, now)).toBe(text);
  });

  it.each<[number, string]>([
    [0, "2026-06-30 09:09 UTC"],
    [HOUR, "2026-06-30 09:09 to 10:09 UTC"],
    [DAY, "2026-06-30 09:09 to 2026-07-01 09:09 UTC"],
  ])("a span of %i ms is written as %s", (width, text) => {
    expect(plain(span(now, now + width))).toBe(text);
  });
});
