import { describe, expect, it } from "vitest";
import { turnOf } from "../../src/decide/turn.ts";
import { MINUTE } from "../../src/model/time.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");

describe("whose turn it is", () => {
  it.each([5, 10, 15, 30, 60])("comes to each of a few within a few runs, every %i minutes", (minutes) => {
    for (const count of [1, 2, 3, 4, 5, 7, 10]) {
      const seen = new Set<number>();
      for (let run = 0; run < 2 * count + 5; run++) seen.add(turnOf(count, NOW + run * minutes * MINUTE));
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
    }
  });

  it("is the same within a minute", () => {
    expect(turnOf(1_000, NOW)).toBe(turnOf(1_000, NOW + MINUTE - 1));
  });
});
