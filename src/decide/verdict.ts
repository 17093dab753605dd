import { dueForRestart, nearDeadline } from "./checks/age.ts";
import type { Check, Finding } from "./checks/check.ts";
import { healthy } from "./checks/healthy.ts";
import { logsNotCovered, logsUnreadable } from "./checks/logs.ts";
import { tokenRefused } from "./checks/rejected.ts";
import { discoveryOff, scaledToZero, versionNotAffected } from "./checks/unaffected.ts";
import {
  lifetimeTooShort,
  refusedWhenNew,
  remoteClusterRefused,
  restartDidNotHelp,
  tokenFileUnreadable,
  tokenIsStatic,
  versionRereadsToken,
} from "./checks/unfixable.ts";
import { noApisixContainer, noPodRunning, podsUnreadable, startedInFuture } from "./checks/unknown.ts";
import { awaitingProof } from "./checks/verifying.ts";
import type { GatewayFacts } from "./facts.ts";

/**
 * The policy, top to bottom: the first check that says something gives the verdict. What must never lead to a restart stands
 * first; unreadable logs stand below age, because the busiest gateway must not die at day 90 because its log is loud.
 */
export const CHECKS: readonly Check[] = [
  podsUnreadable,
  noApisixContainer,
  noPodRunning,
  startedInFuture,
  lifetimeTooShort,
  refusedWhenNew,
  restartDidNotHelp,
  versionRereadsToken,
  tokenFileUnreadable,
  tokenIsStatic,
  remoteClusterRefused,
  tokenRefused,
  scaledToZero,
  versionNotAffected,
  discoveryOff,
  nearDeadline,
  dueForRestart,
  logsUnreadable,
  logsNotCovered,
  awaitingProof,
];

/** The verdict on one gateway. */
export function verdictOf(facts: GatewayFacts): Finding {
  for (const check of CHECKS) {
    const finding = check(facts);
    if (finding !== null) return finding;
  }
  return healthy(facts);
}
