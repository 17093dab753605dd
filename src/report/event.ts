import type { Decision } from "../model/decision.ts";
import { type EventReason, MAX_EVENT_MESSAGE, type WorkloadEvent } from "../model/event.ts";
import type { Cure, OutcomeResult } from "../model/last-restart.ts";
import type { Outcome } from "../model/outcome.ts";
import { type Instant, isoSeconds } from "../model/time.ts";
import { printable } from "./printable.ts";

type Told = Pick<WorkloadEvent, "type" | "reason">;

/** What is told of a result; null: nothing was done that anybody would look for. */
const RESULTS: Readonly<Record<OutcomeResult, Told | null>> = {
  renewed: { type: "Normal", reason: "TokenGuardCured" },
  cured: { type: "Normal", reason: "TokenGuardCured" },
  refused: { type: "Warning", reason: "TokenGuardRefused" },
  failed: { type: "Warning", reason: "TokenGuardFailed" },
  reverted: { type: "Warning", reason: "TokenGuardReverted" },
  unproven: { type: "Warning", reason: "TokenGuardUnproven" },
  conflict: null,
  deferred: null,
};

const ORDERS: Readonly<Record<Cure, Told & { readonly what: string }>> = {
  restart: { type: "Normal", reason: "TokenGuardRestart", what: "Rolling restart" },
  reload: { type: "Normal", reason: "TokenGuardReload", what: "Reload of the token in every pod" },
};

/**
 * Tells that a restart or a reload was ordered, and why.
 *
 * @param asked a person asked for it, so what was found may be no reason at all
 */
export function orderEvent(
  workload: WorkloadEvent["workload"],
  { reason, message }: Pick<Decision, "reason" | "message">,
  { cure, at, asked }: { readonly cure: Cure; readonly at: Instant; readonly asked: boolean },
): WorkloadEvent {
  const { what, ...told } = ORDERS[cure];
  const text = asked
    ? `${what}, because a person asked for it. Before it: ${reason}. ${message}`
    : `${what}: ${reason}. ${message}`;
  return eventOf(workload, cure, at, told, { text, at });
}

/** Tells what came of a restart or a reload. */
export function resultEvent(
  workload: WorkloadEvent["workload"],
  { result, cure = "restart", restartedAt, provenAt, message }: Outcome,
): WorkloadEvent | null {
  const told = RESULTS[result];
  if (told === null || restartedAt === null) return null;
  const text = `${cure === "reload" ? "Reload" : "Restart"} of ${isoSeconds(restartedAt)}: ${result}. ${message}`;
  return eventOf(workload, cure, restartedAt, told, { text, at: provenAt ?? restartedAt });
}

function eventOf(
  { namespace, kind, name, uid }: WorkloadEvent["workload"],
  cure: Cure,
  restartedAt: Instant,
  { type, reason }: Told,
  { text, at }: { readonly text: string; readonly at: Instant },
): WorkloadEvent {
  const message = fitted(printable(text, MAX_EVENT_MESSAGE));
  return {
    name: nameOf(uid, restartedAt, reason),
    workload: { namespace, kind, name, uid },
    cure,
    type,
    reason,
    message,
    at,
  };
}

/** `6f1c….20260601t000000z.tokenguardcured`: not of the workload's name, which may be as long as an event's. */
const nameOf = (uid: string, restartedAt: Instant, reason: EventReason): string =>
  `${uid}.${isoSeconds(restartedAt).replace(/[-:]/g, "")}.${reason}`.toLowerCase();

/** As much of a text as fits, without cutting a character in two. */
function fitted(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_EVENT_MESSAGE));
  return text.slice(0, read);
}
