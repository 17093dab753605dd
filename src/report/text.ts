import { clusterExitCode } from "./exit-code.ts";
import type { Report } from "./schema.ts";
import { closingLines, legendLines } from "./text/closing.ts";
import { clusterLines } from "./text/cluster.ts";
import { pageOf, type TextOptions } from "./text/page.ts";

/** The reports for a person: what needs attention first, then a legend and what it comes to. Ends with a newline. */
export function renderText(reports: readonly Report[], options: TextOptions): string {
  const page = pageOf(options);
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
