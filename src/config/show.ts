import { printable } from "../report/printable.ts";

/** Longest value that is repeated to a person: enough to recognise what they wrote, too little for a token. */
const LONGEST_SHOWN = 40;

/** A value of a file or of the command line as it may be shown in a terminal: one bounded line that cannot act on it. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return typeof value === "string" ? `"${printable(value, LONGEST_SHOWN)}"` : String(value);
}

/** A key as it stands in a path. */
export const showKey = (key: string): string => (/^[\w./-]+$/.test(key) ? printable(key, LONGEST_SHOWN) : show(key));

/** The name of a file, whole: a person must be able to find it. */
export const showFile = (path: string): string => printable(path, 4_096);
