import type { LastRestart } from "../model/last-restart.ts";
import { DAY, type Instant, parseInstant } from "../model/time.ts";
import type { Workload } from "../model/workload.ts";

/** How long a restart of ours speaks for other gateways: after a day its result, or the lack of one, says nothing any more. */
export const RESTART_MEMORY = DAY;

/** Whether this restart has no result yet and is young enough to get one. */
export const awaitsResult = (last: LastRestart, now: Instant): boolean =>
  last.state === "known" && last.result === null && now - last.at < RESTART_MEMORY;

/**
 * When the workload was last restarted by the guard, as well as can be known: where its note cannot be read, the template's own
 * restartedAt is taken, so that a garbled annotation never shortens the cooldown.
 */
export function lastRestartAt({ lastRestart, template }: Workload): Instant | null {
  if (lastRestart.state === "known") return lastRestart.at;
  return lastRestart.state === "unreadable" ? parseInstant(template.restartedAt) : null;
}
