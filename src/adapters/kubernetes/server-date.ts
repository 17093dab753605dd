import type { Instant } from "../../model/time.ts";

/** The only form a server may send (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The moment of a `Date` header in whole seconds, or null when it is missing or not a date. */
export function parseHttpDate(header: string | undefined): Instant | null {
  if (header === undefined || !HTTP_DATE.test(header)) return null;
  const instant = Date.parse(header);
  return Number.isFinite(instant) ? instant : null;
}
