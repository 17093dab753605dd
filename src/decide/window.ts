import { Cron } from "croner";
import type { Freeze, Window } from "../model/policy.ts";
import { DAY, type Instant } from "../model/time.ts";

/** Whether a routine restart may happen now, and if not, from when on; `opensAt` null: no window opens again. */
export type Opening = { readonly open: true } | { readonly open: false; readonly opensAt: Instant | null };

/**
 * Whether one of the windows is open. A window belongs to the day on which it opens, also when it ends on the next. Local times
 * that a change to summer time skips are moved forward by that hour (croner). No windows at all means always open.
 */
export function windowAt(windows: readonly Window[], now: Instant): Opening {
  if (windows.length === 0 || windows.some((window) => isOpen(window, now))) return { open: true };
  const openings = windows.map((window) => next(pattern(window, window.from), window.timeZone, now));
  // croner looks no further than the year 3000, which somebody may ask about.
  const coming = openings.filter((moment) => moment !== null);
  return { open: false, opensAt: coming.length === 0 ? null : Math.min(...coming) };
}

/** The first moment after the freeze that holds now; null when none does. Adjoining freezes are one. */
export function frozenUntil(freezes: readonly Freeze[], now: Instant): Instant | null {
  let until: Instant | null = null;
  for (let checked = 0; checked <= freezes.length; checked++) {
    const moment: Instant = until ?? now;
    const freeze = freezes.find(({ from, to, timeZone }) => {
      const today = localDate(moment, timeZone);
      return from <= today && today <= to;
    });
    if (freeze === undefined) return until;
    until = dayAfter(freeze);
  }
  return until;
}

function isOpen(window: Window, now: Instant): boolean {
  // previousRuns() leaves out the reference itself, and a window is open from its very first second.
  const [opened] = cron(pattern(window, window.from), window.timeZone).previousRuns(1, new Date(now + 1_000));
  if (opened === undefined || opened.getTime() > now) return false;
  const closes = next(daily(window.to), window.timeZone, opened.getTime());
  return closes !== null && closes > now;
}

/** The start of the day after a freeze, in the freeze's own zone. Freezes may last for centuries, so days are not counted. */
function dayAfter({ to, timeZone }: Freeze): Instant {
  // The day begins within 14 h of the day of that name in UTC.
  let frozen: Instant = Date.parse(to);
  let over: Instant = frozen + 2 * DAY;
  while (over - frozen > 1) {
    const middle = Math.floor((frozen + over) / 2);
    if (localDate(middle, timeZone) <= to) frozen = middle;
    else over = middle;
  }
  return over;
}

const cron = (text: string, timezone: string): Cron => new Cron(text, { timezone });

const daily = (time: string): string => `${Number(time.slice(3, 5))} ${Number(time.slice(0, 2))} * * *`;

const pattern = (window: Window, time: string): string => daily(time).replace(/\*$/, window.days.join(","));

const next = (text: string, timeZone: string, now: Instant): Instant | null =>
  cron(text, timeZone).nextRun(new Date(now))?.getTime() ?? null;

/** `2026-12-24` in that zone: dates of this form compare as text. */
function localDate(now: Instant, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(new Date(now));
}
