import { formatLastRestart, parseLastRestart } from "../../../src/evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../../src/model/annotations.ts";
import { isoSeconds } from "../../../src/model/time.ts";
import type { Note, WorkloadPatch } from "../../../src/rollout/patch.ts";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";

/** What a patch writes into the guard's annotation. */
export function noteOf({ metadata }: WorkloadPatch): Note | null {
  const note = parseLastRestart(metadata.annotations[LAST_RESTART_ANNOTATION], Number.POSITIVE_INFINITY);
  return note.state === "known" ? note : null;
}

/** Of a gateway that the guard has restarted. */
export const noted = (note: Omit<Note, "lifetime">): GatewaySpec => ({
  ...claimed(note),
  templateAnnotations: { [RESTARTED_AT_ANNOTATION]: isoSeconds(note.at) },
});

/** Of a gateway that bears a note of the guard, and no mark of a restart. */
export const claimed = (note: Omit<Note, "lifetime">): GatewaySpec => ({
  annotations: { [LAST_RESTART_ANNOTATION]: formatLastRestart({ ...note, lifetime: null }) },
});
