import { GuardError } from "../model/errors.ts";
import { printable } from "./printable.ts";

/** Longer than any list of contexts or mistakes that helps. */
const LONGEST_LINE = 2_000;

/**
 * Why the program ends, for stderr. Of an error that is not ours not even the message is shown, since it may hold a token, a
 * presigned URL or a response body: only its kind, its code and the function of ours in which it came up.
 */
export function explain(error: unknown): string {
  const { code, message } = error instanceof GuardError ? error : { code: "Internal", message: unexpected(error) };
  const lines = message.split("\n").map((line) => printable(line, LONGEST_LINE));
  return `${code}: ${lines.join("\n")}`;
}

function unexpected(error: unknown): string {
  const kind = error instanceof Error ? word(error.name) : typeof error;
  const code = error instanceof Error && "code" in error ? ` (${word(String(error.code))})` : "";
  return `unexpected ${kind}${code}${placeOf(error)}. This is a mistake of the program; please report this line.`;
}

/** A single harmless word: names and codes are chosen by whoever threw. */
const word = (text: string): string => (/^\w{1,60}$/.test(text) ? text : "error");

/** The innermost function that has a name. The stack begins with the message, which is cut off first. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || typeof error.stack !== "string") return "";
  const frames = error.stack.startsWith(`${error.name}: ${error.message}\n`)
    ? error.stack.slice(error.name.length + error.message.length + 2)
    : "";
  const name = /^ +at (?:async )?([\w.]{1,60}) \(/m.exec(frames)?.[1];
  return name === undefined ? "" : ` in ${name}`;
}
