import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptLines, MAX_KEPT_LINES } from "../../src/evidence/kept-lines.ts";
import type { InformerFailure, InformerLine } from "../../src/model/log.ts";

const line = (at: number, failure: InformerFailure = "unauthorized"): InformerLine => ({
  at,
  failure,
  subsystem: "http",
  pid: 57,
});

function keep(lines: Iterable<InformerLine>): number[] {
  const kept = keptLines();
  for (const one of lines) kept.add(one);
  return kept.all().map(({ at }) => at);
}

const range = (length: number) => Array.from({ length }, (_, index) => index);

describe("kept lines", () => {
  it("are all of them up to the limit", () => {
    expect(keep(range(MAX_KEPT_LINES).map((at) => line(at)))).toEqual(range(MAX_KEPT_LINES));
  });

  it("are every second one beyond the limit, and the newest", () => {
    const evens = range(MAX_KEPT_LINES / 2 + 1).map((index) => index * 2);
    expect(keep(range(MAX_KEPT_LINES + 1).map((at) => line(at)))).toEqual(evens);
    expect(keep(range(MAX_KEPT_LINES + 2).map((at) => line(at)))).toEqual([...evens, MAX_KEPT_LINES + 1]);
  });

  it("stay bounded and evenly spread, with the oldest and the newest exact", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (count) => {
        const kept = keep(range(count).map((at) => line(at)));
        expect(kept.length).toBeLessThanOrEqual(MAX_KEPT_LINES + 1);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(count, MAX_KEPT_LINES / 2));
        expect([kept[0], kept.at(-1)]).toEqual([0, count - 1]);
        const gaps = kept.slice(1).map((at, index) => at - (kept[index] ?? 0));
        expect(Math.max(0, ...gaps)).toBeLessThanOrEqual((2 * count) / MAX_KEPT_LINES + 1);
      }),
      { examples: [[MAX_KEPT_LINES], [MAX_KEPT_LINES + 1], [5_000]] },
    );
  });

  it("of one failure are not pushed out by a flood of another", () => {
    const flood = range(10_000).flatMap((at) =>
      at % 2_500 === 0 ? [line(at, "other"), line(at)] : [line(at, "other")],
    );
    const kept = keptLines();
    for (const one of flood) kept.add(one);
    const refusals = kept.all().filter(({ failure }) => failure === "unauthorized");
    expect(refusals.map(({ at }) => at)).toEqual([0, 2_500, 5_000, 7_500]);
  });

  it("come in the order of their timestamps, whatever their failure", () => {
    expect(keep([line(3), line(1, "other"), line(2), line(0, "forbidden")])).toEqual([0, 1, 2, 3]);
  });
});
