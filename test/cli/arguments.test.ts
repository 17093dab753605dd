import { describe, expect, it } from "vitest";
import { another, parseAt, parseLifetime } from "../../src/cli/arguments.ts";
import { DAY, MINUTE } from "../../src/model/time.ts";

describe("--at", () => {
  it.each([
    ["2026-12-24", "2026-12-24T00:00:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2026-12-24T18:00:00Z", "2026-12-24T18:00:00.000Z"],
    ["2026-12-24t18:00:00z", "2026-12-24T18:00:00.000Z"],
    ["2026-12-24T18:00:00.5+02:00", "2026-12-24T16:00:00.500Z"],
  ])("%s is %s", (text, moment) => {
    expect(new Date(parseAt(text)).toISOString()).toBe(moment);
  });

  it.each([
    "",
    "tomorrow",
    "2026-02-30",
    "2026-02-30T00:00:00Z",
    "2026-12-24T18:00:00",
    "2026-12-24T25:00:00Z",
    "2026-12-24T18:00Z",
    "1766599200",
    "24.12.2026",
    "2026-12-24 ",
  ])("%j is refused", (text) => {
    expect(() => parseAt(text)).toThrow("Give a day or a moment");
  });
});

describe("--lifetime", () => {
  it.each([
    ["90d", 90 * DAY],
    ["10m", 10 * MINUTE],
  ])("%s is %d ms", (text, millis) => {
    expect(parseLifetime(text)).toBe(millis);
  });

  it.each(["", "90", "9m", "3651d", "-90d"])("%j is refused", (text) => {
    expect(() => parseLifetime(text)).toThrow("Give a length of time");
  });
});

describe("an option that may be repeated", () => {
  it("collects its values in order, each once", () => {
    expect(["b", "a", "b"].reduce<readonly string[]>((given, text) => another(text, given), [])).toEqual(["b", "a"]);
  });

  it("refuses a blank", () => {
    expect(() => another(" ", [])).toThrow("blank");
  });
});
