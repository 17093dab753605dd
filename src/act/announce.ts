import type { WorkloadEvent } from "../model/event.ts";
import { gatewayId } from "../model/workload.ts";
import type { Restarter } from "../ports.ts";

/** Does the writing, and hears what was not written. */
export interface Announcer {
  readonly restarter: Restarter;
  readonly warn: (text: string) => void;
}

/**
 * Leaves an event of what has been stored already. When that fails, the restart and its result are what they are, and the report
 * says so. A run that dies between the two leaves no event, and later ones do not make up for it: what has happened stands on the
 * workload, and the API server forgets events after an hour.
 */
export async function announce({ restarter, warn }: Announcer, event: WorkloadEvent | null): Promise<void> {
  if (event === null) return;
  const answer = await restarter.createEvent(event);
  if (!answer.ok) warn(`No event could be left of ${gatewayId(event.workload)}: ${answer.failure.message}`);
}
