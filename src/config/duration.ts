import { DAY, HOUR, MINUTE, type Millis, SECOND } from "../model/time.ts";

/** Days, hours, minutes and seconds, largest first, each at most once: `60d`, `1d 12h`, `100s`. */
export const DURATION_PATTERN = /^(?=\d)(?:(\d{1,9})d)? *(?:(\d{1,9})h)? *(?:(\d{1,9})m)? *(?:(\d{1,9})s)?$/;

/** What a person is told to write instead. */
export const DURATION_EXPECTED = "a length of time with its units, such as 60d, 12h, 1h 30m or 100s";

const UNITS = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "m"],
  [SECOND, "s"],
] as const;

/**
 * The length that a text such as `1d 12h` names, in milliseconds. A bare number has no unit and is refused, and so is everything
 * that would turn into 0 or NaN in arithmetic: a blank, a sign, a fraction.
 *
 * @returns null when the text is not a length of time
 */
export function parseDuration(text: string): Millis | null {
  const counts = DURATION_PATTERN.exec(text)?.slice(1);
  if (counts === undefined || text.endsWith(" ")) return null;
  return UNITS.reduce((sum, [unit], index) => sum + unit * Number(counts[index] ?? 0), 0);
}

/** The text that `parseDuration` reads as this length, for whole seconds: `1d 12h`. */
export function durationText(millis: Millis): string {
  let rest = millis;
  const parts = UNITS.flatMap(([unit, name]) => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return count > 0 ? [`${count}${name}`] : [];
  });
  return parts.length === 0 ? "0s" : parts.join(" ");
}
