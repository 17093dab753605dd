import type { AuditedToken } from "../model/audit.ts";
import type { TokenEvidence } from "../model/decision.ts";
import { type Instant, type Interval, MINUTE, type Millis } from "../model/time.ts";
import { issuedByAudit } from "./token-interval.ts";

/** What is odd about what the audit log says of a pod's token. */
export type AuditDoubt =
  /** Its requests lie in the future: the log is another cluster's, or a clock is off. */
  | "in-future"
  /** It would have been issued before the pod existed. */
  | "before-pod"
  /** It was issued before what the container can have read by its start: the kubelet did not renew the file in time. */
  | "before-start"
  /** It was issued after the container started: nginx was reloaded, or another program in the pod asks as an informer does. */
  | "after-start";

/** The clocks of the node and of several API servers may differ by this much, as everywhere else in the decision. */
const CLOCK_SLACK: Millis = MINUTE;

/**
 * A token that was not used for so long, while another one was, has been replaced by a reload: a watch lasts 1800 + 999 s at most
 * and is followed by the next request at once, or after 40 s (APISIX informer_factory.lua).
 */
const LONGEST_SILENCE: Millis = 50 * MINUTE;

export interface AuditedPod {
  readonly createdAt: Instant | null;
  readonly startedAt: Instant;
  /** The moment that was observed, whatever moment is decided for. */
  readonly observedAt: Instant;
}

export interface Issue {
  readonly issued: Interval;
  readonly evidence: TokenEvidence;
  readonly doubt: AuditDoubt | null;
}

/**
 * When the token in a pod's memory was issued: exactly, if the audit log shows requests of the running container with it, else as
 * follows from the container's start. Where the two contradict each other the earlier one counts, since the early edge is acted on.
 *
 * Of several tokens in use the oldest counts. A program that reads its token anew is not among them: the kubelet renews the file
 * before the token in it is stale.
 */
export function auditedIssue(
  byStart: Interval,
  tokens: readonly AuditedToken[],
  { createdAt, startedAt, observedAt }: AuditedPod,
): Issue {
  const withDoubt = (doubt: AuditDoubt | null): Issue => ({ issued: byStart, evidence: "container-start", doubt });
  // What was used before belonged to an earlier container of the pod.
  const held = tokens.filter(({ usedAt }) => usedAt > startedAt);
  const believable = held.filter(({ usedAt }) => usedAt <= observedAt + CLOCK_SLACK);
  if (believable.length === 0) return withDoubt(held.length === 0 ? null : "in-future");
  const newestUse = Math.max(...believable.map(({ usedAt }) => usedAt));
  const inUse = believable.filter(({ usedAt }) => newestUse - usedAt <= LONGEST_SILENCE);
  const issued = issuedByAudit(Math.min(...inUse.map((token) => token.issuedAt)));
  if (createdAt !== null && issued.latest < createdAt - CLOCK_SLACK) return withDoubt("before-pod");
  if (issued.earliest > byStart.latest + CLOCK_SLACK) return withDoubt("after-start");
  const tooEarly = issued.latest < byStart.earliest - CLOCK_SLACK;
  return { issued, evidence: "audit", doubt: tooEarly ? "before-start" : null };
}
