/** Whether a text of the form `YYYY-MM-DD` names a day that exists: JavaScript reads 2026-02-30 as the second of March. */
export function isCalendarDate(text: string): boolean {
  const moment = new Date(`${text}T00:00:00Z`);
  return Number.isFinite(moment.getTime()) && moment.toISOString().slice(0, 10) === text;
}

/**
 * Whether this is a name of the IANA time zone database, as far as this Node.js knows it. An offset such as `+02:00` is none: it
 * would be wrong for half of the year.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
