import type { PodToken } from "../model/decision.ts";
import type { Policy } from "../model/policy.ts";
import type { Instant, Interval, Millis } from "../model/time.ts";

/** When a token of known age becomes due, and when its restart becomes urgent. */
export interface LeadTimes {
  readonly dueAt: Instant;
  readonly urgentAt: Instant;
  readonly deadline: Instant;
  /** Which rule makes it due first. */
  readonly dueBy: "RestartIntervalReached" | "DeadlineApproaching";
  /** The policy's lead times were longer than a third or a ninth of the lifetime allows. */
  readonly clipped: boolean;
  /** Time between due and urgent. */
  readonly slack: Millis;
}

/**
 * Lead times are clipped to a third and a ninth of the lifetime: 30 days before the end of a token that lives for one day would
 * mean to restart for ever. A 90-day token is due at day 60 and urgent at day 80.
 *
 * @returns null when the age of the token is not knowable
 */
export function leadTimes(token: PodToken, policy: Policy): LeadTimes | null {
  if (token.lifetime === null || token.issuedAt === null || token.expiresAt === null) return null;
  return compute(token.lifetime.millis, token.issuedAt, token.expiresAt.earliest, policy);
}

function compute(lifetime: Millis, issuedAt: Interval, deadline: Instant, policy: Policy): LeadTimes {
  const before = Math.min(policy.restartBefore, lifetime / 3);
  const urgentBefore = Math.min(policy.urgentBefore, lifetime / 9);
  const byAge = issuedAt.earliest + policy.restartEvery;
  const byDeadline = deadline - before;
  const urgentAt = deadline - urgentBefore;
  const dueAt = Math.min(byAge, byDeadline);
  return {
    dueAt,
    urgentAt,
    deadline,
    dueBy: byAge <= byDeadline ? "RestartIntervalReached" : "DeadlineApproaching",
    clipped: before < policy.restartBefore || urgentBefore < policy.urgentBefore,
    slack: Math.max(0, urgentAt - dueAt),
  };
}
