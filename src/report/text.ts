import { clusterExitCode } from "./exit-code.ts";
import type { Report } from "./schema.ts";
import { closingLines, legendLines } from "./text/closing.ts";
import { clusterLines } from "./text/cluster.ts";
import type { Page } from "./text/page.ts";
import { palette } from "./text/palette.ts";

export interface TextOptions {
  /** Columns of the terminal; below 40 the text is made for 40, above 100 for 100. */
  readonly width: number;
  readonly color: boolean;
}

const NARROWEST = 40;
/** Prose is hard to read in longer lines. */
const WIDEST = 100;

/** The reports for a person: what needs attention first, then a legend and what it comes to. Ends with a newline. */
export function renderText(reports: readonly Report[], { width, color }: TextOptions): string {
  const page: Page = { width: Math.min(WIDEST, Math.max(NARROWEST, width)), paint: palette(color) };
  const clusters = reports.toSorted((a, b) => clusterExitCode(b) - clusterExitCode(a));
  return [
    ...clusters.map((report) => clusterLines(report, page)),
    legendLines(reports, page),
    closingLines(reports, page),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(({ text }) => `${text}\n`).join(""))
    .join("\n");
}
