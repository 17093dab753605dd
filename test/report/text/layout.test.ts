import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignRight, displayWidth, hang, NO_BREAK, row, wrap } from "../../../src/report/text/layout.ts";
import { palette } from "../../../src/report/text/palette.ts";

const texts = (lines: readonly { readonly text: string }[]) => lines.map(({ text }) => text);
const wrapped = (text: string, width: number) => texts(wrap([{ text }], width));

describe("displayWidth", () => {
  it.each<[string, number]>([
    ["", 0],
    ["apisix", 6],
    ["größe", 5],
    ["[██·|··]", 8],
    ["日本語", 6],
    ["한국", 4],
    ["！", 2],
    ["😀", 2],
  ])("of %j is %i", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("wrap", () => {
  it.each<[string, string, number, string[]]>([
    ["breaks between words", "one two three", 7, ["one two", "three"]],
    ["fills a line to the last column", "one two", 7, ["one two"]],
    ["drops the spaces at a break and doubles", "  one   two  ", 4, ["one", "two"]],
    ["cuts a word that is longer than a line", "abcdefgh ij", 3, ["abc", "def", "gh", "ij"]],
    ["keeps a number and its unit together", "left: 89 d 23 h 5 min 3 s", 11, ["left: 89 d", "23 h 5 min", "3 s"]],
    ["breaks before a word that begins like a unit", "3 days", 4, ["3", "days"]],
    ["breaks before a unit without a number", "a d", 2, ["a", "d"]],
    ["does not break at a no-break space, and prints a space", `on 2026${NO_BREAK}UTC`, 9, ["on", "2026 UTC"]],
    ["counts wide characters twice", "日本語", 4, ["日本", "語"]],
    ["makes nothing of nothing", "  ", 10, []],
  ])("%s", (_, text, width, lines) => {
    expect(wrapped(text, width)).toEqual(lines);
  });

  it("loses no character and makes no line too long", () => {
    const prose = fc.array(fc.constantFrom("a", "bc", "d", "7", "89 d", "a-long-word-of-30-characters-xx", "日本語"));
    fc.assert(
      fc.property(prose, fc.integer({ min: 2, max: 40 }), (words, width) => {
        const lines = wrapped(words.join(" "), width);
        expect(lines.join("").replaceAll(" ", "")).toBe(words.join("").replaceAll(" ", ""));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("styles what stands together as one, line by line", () => {
    const { bold, red } = palette(true);
    const lines = wrap([{ text: "one two", style: bold }, { text: "three four" }, { text: "five", style: red }], 9);
    expect(lines).toEqual([
      { text: "\x1b[1mone two\x1b[22m", width: 7 },
      { text: "three", width: 5 },
      { text: "four \x1b[31mfive\x1b[39m", width: 9 },
    ]);
  });
});

const lead = { text: "why  ", width: 5 };

describe("hang", () => {
  it("sets further lines under the first", () => {
    expect(texts(hang(lead, [{ text: "one two three" }], 12))).toEqual(["why  one two", "     three"]);
  });

  it("shows no label without a text", () => {
    expect(hang(lead, [{ text: "" }], 12)).toEqual([]);
  });
});

describe("row", () => {
  const cell = (text: string) => ({ lead, cell: { text }, column: 6, room: 10 });

  it("keeps the cell in its column", () => {
    expect(texts(row(cell("a"), [{ text: "one two three" }], 23))).toEqual([
      "why  a       one two",
      "             three",
    ]);
  });

  it("makes the cell the beginning of the text where it is too long, or the page too narrow", () => {
    expect(texts(row(cell("abcdefg"), [{ text: "one two" }], 23))).toEqual(["why  abcdefg one two"]);
    expect(texts(row(cell("a"), [{ text: "one two three" }], 22))).toEqual(["why  a one two three"]);
  });
});

describe("alignRight", () => {
  const right = { text: "now", width: 3 };

  it("uses the last line when two columns stay free", () => {
    expect(texts(alignRight([lead], right, 10))).toEqual(["why    now"]);
    expect(texts(alignRight([{ text: "abcde", width: 5 }], right, 10))).toEqual(["abcde  now"]);
  });

  it("takes a line of its own otherwise", () => {
    expect(texts(alignRight([{ text: "abcdef", width: 6 }], right, 10))).toEqual(["abcdef", "       now"]);
  });
});
