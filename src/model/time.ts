/** A moment: milliseconds since the Unix epoch, UTC. A number, so that intervals are plain arithmetic. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Millis = number;

export const SECOND: Millis = 1_000;
export const MINUTE: Millis = 60 * SECOND;
export const HOUR: Millis = 60 * MINUTE;
export const DAY: Millis = 24 * HOUR;

/** All that is known of a moment: it lies between `earliest` and `latest`, both inclusive. */
export interface Interval {
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** `2026-06-01T00:00:00Z`: RFC 3339 in UTC with whole seconds, the only form the admission policy lets into `restartedAt`. */
export function isoSeconds(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** The moment an RFC 3339 text names, or null when it names none. */
export function parseInstant(text: string | null | undefined): Instant | null {
  if (text === null || text === undefined || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text)) return null;
  const instant = Date.parse(text);
  return Number.isFinite(instant) ? instant : null;
}
