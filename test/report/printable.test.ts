import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "../../src/report/printable.ts";
import { hostileText } from "../support/arbitrary-results.ts";

describe("printable", () => {
  it.each<[string, string, string]>([
    ["leaves plain text alone", "edge/apisix-0 (3.9.1)", "edge/apisix-0 (3.9.1)"],
    ["leaves letters of any script alone", "größe 日本語 Ж", "größe 日本語 Ж"],
    ["writes line ends and tabs as escapes", "a\r\n\tb", "a\\r\\n\\tb"],
    ["writes terminal escapes as text", "\x1b[2J\x9b31m\x07", "\\u{1b}[2J\\u{9b}31m\\u{7}"],
    ["writes direction overrides as text", "a\u202eb\u2066c\u200f", "a\\u{202e}b\\u{2066}c\\u{200f}"],
    ["writes what has no width as text", "a\u200bb\ufeffc\u00add", "a\\u{200b}b\\u{feff}c\\u{ad}d"],
    ["writes line and paragraph separators as text", "a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c"],
    ["writes spaces that are none as text", "a\u00a0b\u3000c", "a\\u{a0}b\\u{3000}c"],
    ["writes half a character as text", "a\ud800b", "a\\u{d800}b"],
    ["writes invisible tags as text", "a\u{e0041}b", "a\\u{e0041}b"],
    ["composes accents, and writes what piles up as text", "e\u0301\u0301", "é\\u{301}"],
  ])("%s", (_, text, shown) => {
    expect(printable(text, 100)).toBe(shown);
  });

  it("is bounded, and says that something is missing", () => {
    expect(printable("abcdef", 6)).toBe("abcdef");
    expect(printable("abcdefg", 6)).toBe("abcde…");
    expect(printable("\n".repeat(1_000), 6)).toBe("\\n\\n\\…");
    expect(printable("😀".repeat(10), 10)).toBe("😀".repeat(10));
    expect(printable("e\u0301".repeat(3_000), 10)).toBe(`${"é".repeat(9)}…`);
  });

  it("shows only visible characters, at most as many as asked for", () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 80 }), (text, limit) => {
        const shown = printable(text, limit);
        expect([...shown].length).toBeLessThanOrEqual(limit);
        expect(shown).toMatch(/^[\p{L}\p{N}\p{P}\p{S} ]*$/u);
      }),
    );
  });
});
