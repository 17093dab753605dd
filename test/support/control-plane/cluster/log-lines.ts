/** One line of a container's output. */
export interface LogLine {
  readonly text: string;
  /** Now by default. A string is taken as it is, for instance with nanoseconds. */
  readonly at?: Date | string;
  readonly stream?: "stdout" | "stderr";
  /** The runtime cut a long line here, and the next entry continues it. */
  readonly partial?: boolean;
}

/**
 * The format in which container runtimes keep logs, one entry per line (CRI: `time stream tag text`):
 *
 *     2026-11-23T08:17:57.827315000Z stderr F text
 */
export function criLines(lines: readonly (string | LogLine)[]): string {
  return lines.map(criLine).join("");
}

function criLine(line: string | LogLine): string {
  const {
    text,
    at = new Date(),
    stream = "stderr",
    partial = false,
  }: LogLine = typeof line === "string" ? { text: line } : line;
  const time = typeof at === "string" ? at : at.toISOString().replace("Z", "000000Z");
  return `${time} ${stream} ${partial ? "P" : "F"} ${text}\n`;
}
