import { describe, expect, it } from "vitest";
import { isCovered, LOG_WINDOW, MAX_LOG_BYTES, MAX_LOG_TIME, needsFileStart } from "../../src/evidence/log-coverage.ts";
import { REJECTION_WINDOW } from "../../src/evidence/rejections.ts";
import type { LogEvidence } from "../../src/model/log.ts";
import { DAY, SECOND } from "../../src/model/time.ts";
import { NOW, quietLog } from "../support/gateways.ts";

const ago = (seconds: number) => NOW - seconds * SECOND;
const log = (over: Partial<LogEvidence>) => quietLog({ firstLineAt: null, ...over });

describe("the log of a container older than the window", () => {
  it.each<[string, Partial<LogEvidence>, { covered: boolean; needsStart: boolean }]>([
    ["begins at the start of the window", { firstLineAt: ago(140) }, { covered: true, needsStart: false }],
    ["begins 5 s after it", { firstLineAt: ago(135) }, { covered: true, needsStart: false }],
    ["begins before it, by the clock of its node", { firstLineAt: ago(200) }, { covered: true, needsStart: false }],
    ["begins later than 5 s after it", { firstLineAt: ago(135) + 1 }, { covered: false, needsStart: true }],
    [
      "begins late, in a file that is old",
      { firstLineAt: ago(20), fileFirstLineAt: ago(3_600) },
      { covered: true, needsStart: false },
    ],
    [
      "begins late, in a file of 5 s after the start",
      { firstLineAt: ago(20), fileFirstLineAt: ago(135) },
      { covered: true, needsStart: false },
    ],
    [
      "begins late, in a file that is as new",
      { firstLineAt: ago(20), fileFirstLineAt: ago(20) },
      { covered: false, needsStart: false },
    ],
    ["is empty, in a file that is old", { fileFirstLineAt: ago(3_600) }, { covered: true, needsStart: false }],
    ["is empty, in a file that is new", { fileFirstLineAt: ago(20) }, { covered: false, needsStart: false }],
    ["is empty", { bytes: 0 }, { covered: false, needsStart: true }],
    [
      "begins in time, in a file read after the next rotation",
      { firstLineAt: ago(139), fileFirstLineAt: ago(1) },
      { covered: true, needsStart: false },
    ],
    ["is capped", { firstLineAt: ago(140), capped: true }, { covered: false, needsStart: false }],
    ["is capped and begins late", { firstLineAt: ago(20), capped: true }, { covered: false, needsStart: false }],
    [
      "was asked for a shorter time",
      { firstLineAt: ago(55), window: 60 * SECOND },
      { covered: true, needsStart: false },
    ],
  ])("%s", (_, over, { covered, needsStart }) => {
    for (const startedAt of [ago(140), NOW - DAY]) {
      expect(isCovered(log({ ...over, window: over.window ?? LOG_WINDOW }), startedAt)).toBe(covered);
      expect(needsFileStart(log(over), startedAt)).toBe(needsStart);
    }
  });
});

describe("the log of a container younger than the window", () => {
  it.each<[string, Partial<LogEvidence>, number, boolean]>([
    ["begins with its start", { firstLineAt: ago(99) }, 100, true],
    ["begins half a minute later", { firstLineAt: ago(70) }, 100, true],
    ["begins even later, so it was rotated", { firstLineAt: ago(70) + 1 }, 100, false],
    ["is empty so far", {}, 100, true],
    ["is capped", { firstLineAt: ago(99), capped: true }, 100, false],
    ["belongs to a container from the future", {}, -20, true],
    ["is a moment younger than the window", {}, 139.999, true],
  ])("%s", (_, over, age, covered) => {
    expect(isCovered(log(over), ago(age))).toBe(covered);
    expect(needsFileStart(log(over), ago(age))).toBe(false);
  });
});

describe("the limits of reading logs", () => {
  it("ask for more time than rejections count in", () => {
    expect(LOG_WINDOW - REJECTION_WINDOW).toBe(10 * SECOND);
  });

  it("hold a file that the kubelet rotates at 10 MiB every 10 s at 100 MB a minute", () => {
    expect(MAX_LOG_BYTES).toBeGreaterThan(2 * (10 * 1024 * 1024 + 100_000_000 / 6));
    expect(MAX_LOG_BYTES / (20_000_000 / 8)).toBeLessThan(MAX_LOG_TIME / SECOND);
  });
});
