import { styleText } from "node:util";
import { GuardError } from "../model/errors.ts";

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
      reject(new GuardError("Internal", `The output cannot be written (${why}).`, { cause: error }));
    });
  });
}
