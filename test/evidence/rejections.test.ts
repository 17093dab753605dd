import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noRejections, rejectionsOf } from "../../src/evidence/rejections.ts";
import type { InformerFailure, InformerLine } from "../../src/model/log.ts";
import { SECOND } from "../../src/model/time.ts";
import { NOW, quietLog } from "../support/gateways.ts";

const line = (ageSeconds: number, over: Partial<InformerLine> = {}): InformerLine => ({
  at: NOW - ageSeconds * SECOND,
  failure: "unauthorized",
  subsystem: "http",
  pid: 57,
  ...over,
});

const rejections = (...lines: InformerLine[]) => rejectionsOf(quietLog({ lines }));

describe("a pod is refused", () => {
  it.each([
    ["with a line every 40 s", [90, 50, 10], true],
    ["with two lines 40 s apart", [50, 10], true],
    ["with two lines exactly 30 s apart", [40, 10], true],
    ["whatever the order of its lines", [10, 50], true],
    ["with its newest line exactly 75 s old", [115, 75], true],
    ["with its oldest line exactly 130 s old", [130, 60], true],
    ["with lines in the future, by the clock of its node", [-20, -60], true],
    ["with a line in the future and one in the past", [20, -20], true],
    ["not with one line", [10], false],
    ["not with two lines less than 30 s apart", [39.999, 10], false],
    ["not with two lines of one moment, as http and stream give them", [10, 10], false],
    ["not with many lines of a few seconds", [14, 13, 12, 11, 10], false],
    ["not once the newest line is more than 75 s old", [120, 75.001], false],
    ["not with an older line that is more than 130 s old", [130.001, 60], false],
    ["not without any line", [], false],
  ])("%s", (_, ages, refused) => {
    expect(rejections(...ages.map((age) => line(age))).refused).toBe(refused);
  });

  it.each<InformerFailure>(["forbidden", "token-file", "runtime", "other"])("never by lines that say %s", (failure) => {
    expect(rejections(line(90, { failure }), line(50, { failure }), line(10, { failure }))).toMatchObject({
      lines: 0,
      firstAt: null,
      lastAt: null,
      refused: false,
    });
  });

  it("by lines of either subsystem and process", () => {
    expect(rejections(line(50, { subsystem: "stream", pid: 1 }), line(10)).refused).toBe(true);
  });
});

describe("the rejections of a log", () => {
  it("are counted within the window, with the first and the last as the log has them", () => {
    expect(rejections(line(131), line(130), line(90, { failure: "other" }), line(50), line(-3))).toEqual({
      lines: 3,
      firstAt: NOW - 130 * SECOND,
      lastAt: NOW + 3 * SECOND,
      refused: true,
      tokenFileUnreadable: false,
    });
  });

  it("are none where there is no line", () => {
    expect(rejections()).toEqual(noRejections);
    expect(noRejections).toEqual({ lines: 0, firstAt: null, lastAt: null, refused: false, tokenFileUnreadable: false });
  });

  it.each([
    ["beside refusals", [line(50), line(10), line(10, { failure: "token-file" })], true],
    ["alone", [line(10, { failure: "token-file" })], true],
    ["long ago", [line(50), line(10), line(131, { failure: "token-file" })], false],
    ["not at all", [line(50), line(10, { failure: "runtime" })], false],
  ])("tell of an unreadable token file: %s", (_, lines, expected) => {
    expect(rejections(...lines).tokenFileUnreadable).toBe(expected);
  });

  it("never turn from refused to not refused by another line of the same moments", () => {
    const ages = fc.array(fc.integer({ min: -30, max: 140 }), { maxLength: 8 });
    fc.assert(
      fc.property(ages, fc.integer({ min: 0, max: 130 }), (before, another) => {
        const lines = before.map((age) => line(age));
        const more = rejections(...lines, line(another));
        if (rejections(...lines).refused) expect(more.refused).toBe(true);
      }),
    );
  });
});
