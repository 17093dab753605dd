import type { TokenProbe } from "../model/probe.ts";
import { type Instant, MINUTE, type Millis, SECOND } from "../model/time.ts";
import { FILE_LAG } from "./token-interval.ts";

/** Why what a container tells of its token is not believed. */
export type ProbeDoubt =
  /** The token in the file is another ServiceAccount's. */
  | "other-subject"
  /** It was issued before the pod existed. */
  | "before-pod"
  /** It was issued, or read, in the future. */
  | "in-future"
  /** The process that reads the token is older than its container. */
  | "before-start";

/** The clocks of node and API server may differ by this much, as everywhere else in the decision. */
const CLOCK_SLACK: Millis = MINUTE;

export interface ProbedPod {
  readonly createdAt: Instant | null;
  readonly startedAt: Instant;
  /** The moment that was observed, whatever moment is decided for. */
  readonly observedAt: Instant;
  /** `system:serviceaccount:NAMESPACE:NAME`, as the pod's token should have it. */
  readonly subject: string;
}

/** What speaks against a probe; null: nothing. */
export function doubtOf({ readAt, claims }: TokenProbe, pod: ProbedPod): ProbeDoubt | null {
  if (claims.subject !== null && claims.subject !== pod.subject) return "other-subject";
  if (pod.createdAt !== null && claims.issuedAt < pod.createdAt - CLOCK_SLACK) return "before-pod";
  // The container was asked after the observation began.
  if (Math.max(readAt, claims.issuedAt) > pod.observedAt + FILE_LAG) return "in-future";
  return readAt < pod.startedAt - CLOCK_SLACK ? "before-start" : null;
}

/** The container tells times in whole seconds, and both count here. */
const ROUNDING: Millis = 2 * SECOND;

/**
 * Whether the token in memory is the one in the file: the file was there, as it is now, when the agent started. Where the container
 * cannot tell when the file was written, the token must have been issued so long before that the file had followed.
 */
export function holdsFile({ readAt, fileChangedAt, claims }: TokenProbe): boolean {
  if (claims.issuedAt > readAt) return false;
  return fileChangedAt === null ? claims.issuedAt + FILE_LAG <= readAt : fileChangedAt + ROUNDING <= readAt;
}
