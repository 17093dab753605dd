import { stringify } from "yaml";
import { buildFleet } from "../report/build.ts";
import type { FleetReport, Report } from "../report/schema.ts";
import { renderText, type TextOptions } from "../report/text.ts";

export type Format = "text" | "json" | "yaml";

/** The reports as they are printed. One cluster is a report of its own, several are a fleet. */
export function formatReports(reports: readonly Report[], format: Format, text: TextOptions): string {
  switch (format) {
    case "text":
      return renderText(reports, text);
    case "json":
      return `${JSON.stringify(document(reports), null, 2)}\n`;
    case "yaml":
      // Readers of YAML 1.1 would take an unquoted moment for a date of their own kind.
      return stringify(document(reports), { compat: "yaml-1.1", lineWidth: 0 });
  }
}

function document(reports: readonly Report[]): Report | FleetReport {
  const [only, ...others] = reports;
  return only !== undefined && others.length === 0 ? only : buildFleet(reports);
}
