import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY } from "../../../src/model/time.ts";
import { type Life, lifeBar } from "../../../src/report/text/bar.ts";
import { palette } from "../../../src/report/text/palette.ts";

const plain = palette(false);
const bar = (life: Life, cells = 9) => lifeBar(life, cells, plain.red, plain);
/** The bar of a 90-day token that is due at day 60, a cell for every ten days. */
const aged = (days: number, dueAfter: number | null = 60) =>
  bar({ issuedAt: 0, deadline: 90 * DAY, dueAt: dueAfter === null ? null : dueAfter * DAY, now: days * DAY });

describe("lifeBar", () => {
  it.each<[string, string, string]>([
    ["a new token", aged(0), "[······|··]"],
    ["less than a cell", aged(9.9), "[······|··]"],
    ["one cell", aged(10), "[█·····|··]"],
    ["the day before it is due", aged(59), "[█████·|··]"],
    ["the day it is due", aged(60), "[██████|··]"],
    ["between due and deadline", aged(85), "[██████|█·]"],
    ["the last minute: not yet full", aged(89.999), "[██████|█·]"],
    ["the deadline", aged(90), "[██████|██]"],
    ["long past the deadline", aged(400), "[██████|██]"],
    ["a clock that is behind the token", aged(-5), "[······|··]"],
    ["no due moment", aged(45, null), "[████·····]"],
    ["due before it was issued", aged(45, -3), "[|███·····]"],
    ["due after the deadline", aged(45, 200), "[████····|]"],
  ])("shows %s", (_, shown, expected) => {
    expect(shown).toBe(expected);
  });

  it("colours what is used and dims what is left", () => {
    const paint = palette(true);
    expect(lifeBar({ issuedAt: 0, deadline: 4, dueAt: 2, now: 1 }, 4, paint.red, paint)).toBe(
      "[\x1b[31m█\x1b[39m\x1b[2m·\x1b[22m\x1b[1m|\x1b[22m\x1b[2m·\x1b[22m]",
    );
  });

  it("always has its length, one due mark, and is full only when the life is over", () => {
    const moment = fc.integer({ min: -1_000, max: 1_000 });
    const life = fc.record({ issuedAt: moment, deadline: moment, dueAt: fc.option(moment), now: moment });
    fc.assert(
      fc.property(life, fc.integer({ min: 1, max: 60 }), (made, cells) => {
        const shown = bar(made, cells);
        expect(shown).toHaveLength(cells + 2);
        expect(shown).toMatch(made.dueAt === null ? /^\[█*·*\]$/u : /^\[█*·*\|█*·*\]$/u);
        if (made.dueAt === null) expect(shown.includes("·")).toBe(made.now < made.deadline);
      }),
    );
  });
});
