import { formatDuration } from "../../model/duration.ts";
import { DAY, type Instant, isoSeconds, SECOND } from "../../model/time.ts";
import { NO_BREAK } from "./layout.ts";

/** `2026-06-30` */
export const date = (moment: Instant): string => isoSeconds(moment).slice(0, 10);

/** `2026-06-30 09:09 UTC` */
export const absolute = (moment: Instant): string => [date(moment), clock(moment), "UTC"].join(NO_BREAK);

/** `in 3 h 12 min`, `3 h 12 min ago`, `now` */
export function relative(moment: Instant, now: Instant): string {
  const distance = moment - now;
  if (Math.abs(distance) < SECOND) return "now";
  return distance > 0 ? `in ${formatDuration(distance)}` : `${formatDuration(distance)} ago`;
}

/** `in 3 h 12 min (2026-06-30 09:09 UTC)` */
export const both = (moment: Instant, now: Instant): string => `${relative(moment, now)} (${absolute(moment)})`;

/** `2026-06-30 23:09 to 2026-07-01 00:00 UTC`, and no part twice: `2026-06-30 09:09 to 10:00 UTC`, `2026-06-30 09:09 UTC` */
export function span(from: Instant, to: Instant): string {
  if (date(from) === date(to) && clock(from) === clock(to)) return absolute(from);
  const end = date(from) === date(to) ? `${clock(to)}${NO_BREAK}UTC` : absolute(to);
  return `${date(from)}${NO_BREAK}${clock(from)} to ${end}`;
}

/** The day, or where it comes so soon that the hour counts, the time until then. */
export const soonOrDate = (moment: Instant, now: Instant): string =>
  moment > now && moment - now < 2 * DAY ? relative(moment, now) : date(moment);

const clock = (moment: Instant): string => isoSeconds(moment).slice(11, 16);
