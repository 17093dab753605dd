import { stringify } from "yaml";
import { buildFleet } from "../report/build.ts";
import type { FleetReport, Report } from "../report/schema.ts";
import type { TextOptions } from "../report/text/page.ts";
import { renderText } from "../report/text.ts";

export type Format = "text" | "json" | "yaml";

/** The reports as they are printed. One cluster is a report of its own, several are a fleet. */
export const formatReports = (reports: readonly Report[], format: Format, text: TextOptions): string =>
  formatAs(format, document(reports), () => renderText(reports, text));

/** A document for a program, or the same for a person. */
export function formatAs(format: Format, document: object, text: () => string): string {
  switch (format) {
    case "text":
      return text();
    case "json":
      return `${JSON.stringify(document, null, 2)}\n`;
    case "yaml":
      // Readers of YAML 1.1 would take an unquoted moment for a date of their own kind.
      return stringify(document, { compat: "yaml-1.1", lineWidth: 0 });
  }
}

function document(reports: readonly Report[]): Report | FleetReport {
  const [only, ...others] = reports;
  return only !== undefined && others.length === 0 ? only : buildFleet(reports);
}
