import { printable } from "../printable.ts";
import { hang, type Line, type Run } from "./layout.ts";
import { type Palette, palette } from "./palette.ts";

export interface TextOptions {
  /** Columns of the terminal; below 40 the text is made for 40, above 100 for 100. */
  readonly width: number;
  readonly color: boolean;
}

const NARROWEST = 40;
/** Prose is hard to read in longer lines. */
const WIDEST = 100;

/** What a report is printed on. */
export interface Page {
  /** Columns. */
  readonly width: number;
  readonly paint: Palette;
}

export const pageOf = ({ width, color }: TextOptions): Page => ({
  width: Math.min(WIDEST, Math.max(NARROWEST, width)),
  paint: palette(color),
});

/** Longest message shown, in characters; the JSON report holds it whole. */
export const MESSAGE_LIMIT = 600;
const LISTED_WARNINGS = 5;
const INDENT: Line = { text: "  ", width: 2 };
const LABEL_COLUMNS = 9;

/** What stands before a labelled text: `  label    `. */
export const label = (page: Page, text: string): Line => ({
  text: INDENT.text + page.paint.dim(text.padEnd(LABEL_COLUMNS)),
  width: INDENT.width + LABEL_COLUMNS,
});

/** `  label    text`, further lines under the text. */
export const labelled = (page: Page, text: string, runs: readonly Run[]): readonly Line[] =>
  hang(label(page, text), runs, page.width);

/** Text under a heading. */
export const indented = (page: Page, runs: readonly Run[]): readonly Line[] => hang(INDENT, runs, page.width);

/** The first of the warnings, with a word on how many there are. */
export function warningLines(page: Page, warnings: readonly string[]): readonly Line[] {
  const more = warnings.length - LISTED_WARNINGS;
  const shown = [
    ...warnings.slice(0, LISTED_WARNINGS),
    ...(more > 0 ? [`${more} more stand in the JSON report.`] : []),
  ];
  return shown.flatMap((text) =>
    labelled(page, "warning", [{ text: printable(text, MESSAGE_LIMIT), style: page.paint.yellow }]),
  );
}
