import { formatDuration } from "../model/duration.ts";
import { MINUTE, type Millis } from "../model/time.ts";

/** Above this the guard's own clock is worth a warning; decisions rest on the API server's alone. */
const SKEW_WARNING = MINUTE;

/** @param skew the guard's own clock minus the API server's */
export function skewWarning(skew: Millis): string | null {
  if (Math.abs(skew) <= SKEW_WARNING) return null;
  const direction = skew > 0 ? "ahead of" : "behind";
  return `This machine's clock is ${formatDuration(skew)} ${direction} the API server's; decisions use the API server's.`;
}
