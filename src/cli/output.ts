import { styleText } from "node:util";
import { GuardError } from "../model/errors.ts";
import { printable } from "../report/printable.ts";
import type { Report } from "../report/schema.ts";
import type { TextOptions } from "../report/text/page.ts";
import { type Format, formatReports } from "./format.ts";
import type { ProgressTarget } from "./progress.ts";

type Stream = NodeJS.WriteStream;

/** Whether a person's terminal is at the other end, by Node's rules: NO_COLOR, FORCE_COLOR, TERM and the rest. */
export const colours = (stream: Stream): boolean => styleText("bold", "x", { stream }) !== "x";

/** Where cursor movements do what they should. */
export const movesCursor = (stream: Stream): boolean => stream.isTTY === true && process.env.TERM !== "dumb";

/** Columns of the terminal; 80 in a file or pipe. */
export const widthOf = (stream: Stream): number => stream.columns || 80;

/** `… | head` closes the pipe early. That is no failure; without a listener Node would end with a stack trace. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

/**
 * Writes everything, and resolves when it has left the process.
 *
 * @throws {GuardError} `Internal` when it cannot be written, unless because nobody reads any more
 */
export function print(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error: NodeJS.ErrnoException | null | undefined) => {
      if (!error || error.code === "EPIPE") return resolve();
      const why = error.code ?? "unknown error";
      reject(new GuardError("Internal", `The output cannot be written (${why}).`));
    });
  });
}

const LONGEST_WARNING = 1_000;

/** Where a person who waits is told how far things are: never on stdout, which is for data. */
export function progressTarget(): ProgressTarget {
  const { stderr } = process;
  return { write: (text) => stderr.write(text), rewrites: movesCursor(stderr), width: widthOf(stderr) };
}

/** Something for a person, beside the data. Its text may come from outside. */
export const note = (text: string): boolean => process.stderr.write(`${printable(text, LONGEST_WARNING)}\n`);

/** Warnings to stderr, the reports to stdout. */
export function printReports(reports: readonly Report[], format: Format, warnings: readonly string[]): Promise<void> {
  return printDocument((text) => formatReports(reports, format, text), warnings);
}

/** Warnings to stderr, a document to stdout. */
export function printDocument(format: (text: TextOptions) => string, warnings: readonly string[]): Promise<void> {
  for (const warning of warnings) note(`warning: ${warning}`);
  const { stdout } = process;
  return print(stdout, format({ width: widthOf(stdout), color: colours(stdout) }));
}
