import { DAY, HOUR, MINUTE, type Millis, SECOND } from "./time.ts";

const UNITS: readonly (readonly [Millis, string])[] = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "min"],
  [SECOND, "s"],
];

/** A length of time for people, in its two largest units: `89 d 23 h`, `3 h 12 min`, `42 s`. Rounded down; `0 s` below a second. */
export function formatDuration(millis: Millis): string {
  const length = Math.abs(millis);
  const first = UNITS.findIndex(([unit]) => length >= unit);
  if (first === -1) return "0 s";
  let rest = length;
  const parts: string[] = [];
  for (const [unit, name] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}
