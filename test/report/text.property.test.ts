import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildReport } from "../../src/report/build.ts";
import { displayWidth } from "../../src/report/text/layout.ts";
import { renderText } from "../../src/report/text.ts";
import { clusterResults } from "../support/arbitrary-results.ts";

const reports = fc.array(clusterResults.map(buildReport), { maxLength: 3 });
const widths = fc.oneof(fc.constantFrom(40, 60, 80, 120), fc.integer({ min: 40, max: 200 }));
const SGR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "gu");

/** Characters that act on a terminal or hide, listed by hand: the code under test asks Unicode's categories. */
function acts(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const between = (from: number, to: number) => code >= from && code <= to;
  return (
    between(0, 9) ||
    between(11, 31) ||
    between(0x7f, 0xa0) ||
    code === 0xad ||
    code === 0x61c ||
    between(0x200b, 0x200f) ||
    between(0x2028, 0x202f) ||
    between(0x2060, 0x206f) ||
    between(0xd800, 0xdfff) ||
    code === 0xfeff ||
    between(0xe0000, 0xe0fff)
  );
}

describe("any report as text", () => {
  it("has no line that is longer than the page", () => {
    fc.assert(
      fc.property(reports, widths, (made, width) => {
        for (const line of renderText(made, { width, color: false }).split("\n")) {
          expect(displayWidth(line), line).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it("holds nothing that acts on a terminal, whatever the names and messages are", () => {
    fc.assert(
      fc.property(reports, widths, (made, width) => {
        expect([...renderText(made, { width, color: false })].filter(acts)).toEqual([]);
      }),
    );
  });

  it("differs with colour in nothing but the colour", () => {
    fc.assert(
      fc.property(reports, widths, (made, width) => {
        const coloured = renderText(made, { width, color: true });
        expect(coloured.replaceAll(SGR, "")).toBe(renderText(made, { width, color: false }));
        expect(coloured).not.toContain("\x1b[2J");
      }),
    );
  });

  it("ends with one line end and never has two blank lines in a row", () => {
    fc.assert(
      fc.property(reports, (made) => {
        const text = renderText(made, { width: 80, color: false });
        expect(text).toMatch(/[^\n]\n$/u);
        expect(text).not.toContain("\n\n\n");
      }),
    );
  });

  it("heads every gateway with its verdict", () => {
    fc.assert(
      fc.property(reports, (made) => {
        const heads = renderText(made, { width: 80, color: false })
          .split("\n")
          .filter((line) => /^[✗!?●…✓–] [a-z]+ +/u.test(line));
        expect(heads).toHaveLength(made.reduce((sum, { gateways }) => sum + gateways.length, 0));
      }),
    );
  });
});
