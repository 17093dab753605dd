import type { Style } from "./palette.ts";

/** A piece of text in one style. */
export interface Run {
  readonly text: string;
  readonly style?: Style;
}

/** One line of output: its text with style, and how many columns it takes on a terminal. */
export interface Line {
  readonly text: string;
  readonly width: number;
}

export const BLANK: Line = { text: "", width: 0 };

/** Keeps two words on one line; printed as a space. Text from outside never holds it, since `printable` writes it as an escape. */
export const NO_BREAK = "\u{a0}";

/** Characters that take two columns: those of East Asian scripts, their punctuation and full-width forms, and emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u{3000}-\u{303f}\u{31c0}-\u{33ff}\u{fe30}-\u{fe6f}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}]/u;

/** A space at which a line may end: not the one between a number and its unit. */
const BREAK = /(?<!\d) +| +(?!(?:d|h|min|s)\b)/u;

/** Columns that printable text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** Hangul Jamo are the first wide characters; what comes before is not worth a search. */
const columnsOf = (character: string): number => (character >= "\u{1100}" && WIDE.test(character) ? 2 : 1);

/** Breaks runs, joined by a space, into lines between words; a word longer than a line is cut. `width` is at least 2. */
export function wrap(runs: readonly Run[], width: number): readonly Line[] {
  const lines: { readonly runs: Run[]; width: number }[] = [];
  for (const word of runs.flatMap((run) => words(run, width))) {
    const columns = displayWidth(word.text);
    const line = lines.at(-1);
    if (line === undefined || line.width + 1 + columns > width) {
      lines.push({ runs: [word], width: columns });
    } else {
      line.runs.push(word);
      line.width += 1 + columns;
    }
  }
  return lines.map((line) => ({ text: painted(line.runs), width: line.width }));
}

/** Words joined by spaces; neighbours of one style are styled as one text. */
function painted(runs: readonly Run[]): string {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last === undefined || last.style !== run.style) joined.push(run);
    else joined[joined.length - 1] = { ...run, text: `${last.text} ${run.text}` };
  }
  return joined.map(({ text, style }) => style?.(text) ?? text).join(" ");
}

/** Sets runs to the right of `lead`, every further line under the first; nothing when there is no word. */
export function hang(lead: Line, runs: readonly Run[], width: number): readonly Line[] {
  const indent = " ".repeat(lead.width);
  return wrap(runs, width - lead.width).map((line, index) => ({
    text: (index === 0 ? lead.text : indent) + line.text,
    width: lead.width + line.width,
  }));
}

/** A cell in a column of its own between `lead` and what is to its right. */
export interface Row {
  readonly lead: Line;
  readonly cell: Run;
  /** Columns of the cell. */
  readonly column: number;
  /** Columns that are wanted to the right of it. */
  readonly room: number;
}

/** As `hang`, in two columns; where they do not fit, the cell is the beginning of the text. */
export function row({ lead, cell, column, room }: Row, runs: readonly Run[], width: number): readonly Line[] {
  const start = lead.width + column + 2;
  const used = displayWidth(cell.text);
  if (used > column || start + room > width) return hang(lead, [cell, ...runs], width);
  const text = lead.text + (cell.style?.(cell.text) ?? cell.text) + " ".repeat(column + 2 - used);
  return hang({ text, width: start }, runs, width);
}

/** Puts `right` at the right edge: on the last of the lines if there is room, else on one of its own. */
export function alignRight(lines: readonly Line[], right: Line, width: number): readonly Line[] {
  const last = lines.at(-1) ?? BLANK;
  const room = width - last.width - right.width;
  if (last.width > 0 && room < 2) return [...lines, ...alignRight([], right, width)];
  return [...lines.slice(0, -1), { text: last.text + " ".repeat(Math.max(0, room)) + right.text, width }];
}

function words({ text, style }: Run, width: number): readonly Run[] {
  return text
    .split(BREAK)
    .filter((word) => word !== "")
    .flatMap((word) => cut(word.replaceAll(NO_BREAK, " "), width))
    .map((word) => (style === undefined ? { text: word } : { text: word, style }));
}

function cut(word: string, width: number): readonly string[] {
  if (displayWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of word) {
    const columns = columnsOf(character);
    if (used + columns > width) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += character;
    used += columns;
  }
  return [...pieces, piece];
}
