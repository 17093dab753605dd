import { printable } from "../report/printable.ts";
import { withoutCredentials } from "../report/without-credentials.ts";

/** Longest value that is repeated to a person: enough to recognise what they wrote. */
const LONGEST_SHOWN = 40;

/** A value of a file or a payload as it may be shown: one bounded line that cannot act on a terminal, without what looks like a credential. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return typeof value === "string" ? `"${printable(withoutCredentials(value), LONGEST_SHOWN)}"` : String(value);
}

/** A key as it stands in a path. */
export const showKey = (key: string): string =>
  /^[\w./-]+$/.test(key) ? printable(withoutCredentials(key), LONGEST_SHOWN) : show(key);
