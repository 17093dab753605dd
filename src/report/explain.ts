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
  const code = error instanceof Error && "code" in error ? ` (${codeOf(error.code)})` : "";
  return `unexpected ${kindOf(error)}${code}${placeOf(error)}. This is a mistake of the program; please report this line.`;
}

/** What was thrown, in a word. Names are chosen by whoever throws, and libraries take them from answers: only letters are shown. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : "error";
}

/** As Node gives them. */
const codeOf = (code: unknown): string => (/^[A-Z][A-Z_]{1,60}$/.test(String(code)) ? String(code) : "error");

/** The innermost function that has a name. The stack begins with the message, which is cut off first. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || typeof error.stack !== "string") return "";
  const frames = error.stack.startsWith(`${error.name}: ${error.message}\n`)
    ? error.stack.slice(error.name.length + error.message.length + 2)
    : "";
  const name = /^ +at (?:async )?([\w.]{1,60}) \(/m.exec(frames)?.[1];
  return name === undefined ? "" : ` in ${name}`;
}
