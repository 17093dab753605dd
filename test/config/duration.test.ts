import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationText, parseDuration } from "../../src/config/duration.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";

describe("a length of time", () => {
  it.each([
    ["60d", 60 * DAY],
    ["12h", 12 * HOUR],
    ["30m", 30 * MINUTE],
    ["100s", 100 * SECOND],
    ["89d 23h", 89 * DAY + 23 * HOUR],
    ["1d12h30m5s", DAY + 12 * HOUR + 30 * MINUTE + 5 * SECOND],
    ["1d 5s", DAY + 5 * SECOND],
    ["36h", 36 * HOUR],
    ["0s", 0],
  ])("%j is %d ms", (text, millis) => {
    expect(parseDuration(text)).toBe(millis);
  });

  it.each([
    "",
    " ",
    "60",
    "d",
    "-1d",
    "+1d",
    "1.5h",
    "1e3s",
    "NaN",
    "NaNd",
    "Infinityd",
    "60 d",
    "60d ",
    " 60d",
    "60D",
    "1h 1d",
    "1h 1h",
    "5ms",
    "1w",
    "1mo",
    "P60D",
    "60d\n",
    "9999999999d",
    "٦٠d",
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 * 86_400 }), (seconds) => {
        expect(parseDuration(durationText(seconds * SECOND))).toBe(seconds * SECOND);
      }),
    );
  });

  it("is a whole number of seconds, or none, for every text", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+. 0-9dhmse]{0,12}$/), (text) => {
        const millis = parseDuration(text);
        expect(millis === null || (Number.isSafeInteger(millis) && millis >= 0 && millis % SECOND === 0)).toBe(true);
      }),
    );
  });
});
