import { formatLastRestart } from "../evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../model/annotations.ts";
import type { LastRestart } from "../model/last-restart.ts";
import { isoSeconds } from "../model/time.ts";

/** The body of a strategic merge patch. */
export interface WorkloadPatch {
  readonly metadata: {
    /** Makes the API server refuse the patch (409) when anybody changed the workload since it was read. */
    readonly resourceVersion: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly template: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
  };
}

/** What the guard notes on a workload about its last restart. */
export type Note = Omit<Extract<LastRestart, { state: "known" }>, "state">;

/**
 * What `kubectl rollout restart` sends (kubectl objectrestarter.go), with the guard's note in the same request: either both are
 * written or none. Strategic merge, since a JSON patch fails where there is no annotation yet.
 */
export function restartPatch(resourceVersion: string, note: Note): WorkloadPatch {
  return {
    ...notePatch(resourceVersion, note),
    spec: { template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: isoSeconds(note.at) } } } },
  };
}

/** Orders what the note says: a restart is in the template, a reload in nothing but the note, and done by commands afterwards. */
export const orderPatch = (resourceVersion: string, note: Note): WorkloadPatch =>
  note.cure === "reload" ? notePatch(resourceVersion, note) : restartPatch(resourceVersion, note);

/** Writes the guard's note alone: the result of a restart, once it is known. */
export function notePatch(resourceVersion: string, note: Note): WorkloadPatch {
  return { metadata: { resourceVersion, annotations: { [LAST_RESTART_ANNOTATION]: formatLastRestart(note) } } };
}
