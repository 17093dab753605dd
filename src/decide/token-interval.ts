import { type Instant, type Interval, type Millis, SECOND } from "../model/time.ts";

/** The kubelet renews no token later than a day after its issue (kubelet token_manager.go, maxTTL). */
const LONGEST_REFRESH_SECONDS = 86_400;

/**
 * What the file may lag behind the kubelet's own rule: pod sync up to 90 s, the request and its loops about 10 s, and the clock
 * of the node against the API server's up to 50 s.
 */
export const FILE_LAG: Millis = 150 * SECOND;

/** Seconds after issue at which the kubelet replaces a projected token: four fifths of its life, a day at most. */
export function refreshSeconds(expirationSeconds: number): number {
  return Math.min(LONGEST_REFRESH_SECONDS, expirationSeconds - Math.floor(expirationSeconds / 5));
}

/** How old the file may become at most, as long as the kubelet does its work. */
export const renewedWithin = (expirationSeconds: number): Millis =>
  refreshSeconds(expirationSeconds) * SECOND + FILE_LAG;

/**
 * When the token that a container read at its start was issued. The file on disk was not older than the kubelet lets it become,
 * was not there before the pod, and the token cannot be younger than the read.
 *
 * @param startedAt start of the current container: APISIX reads the token then, once (APISIX < 3.13, discovery/kubernetes/init.lua)
 * @param podSince when the kubelet took the pod, else when it was created; null when neither is known
 */
export function issuedAt(startedAt: Instant, podSince: Instant | null, expirationSeconds: number): Interval {
  const byRefresh = startedAt - renewedWithin(expirationSeconds);
  const earliest = podSince === null ? byRefresh : Math.max(podSince, byRefresh);
  // Node and API server disagree about the time: then the container's own start is all that is left.
  return { earliest: Math.min(earliest, startedAt), latest: startedAt };
}

/**
 * How far an issue time computed from an audit event may be off. The event gives whole seconds since the warning threshold, at a
 * moment within a second of the request; an API server that answers from its token cache repeats a number up to 10 s old, which
 * makes the result later.
 */
const AUDIT_EARLIER: Millis = 11 * SECOND;
const AUDIT_LATER: Millis = SECOND;

/** When a token was issued whose issue time was computed from an audit event. */
export const issuedByAudit = (computed: Instant): Interval => ({
  earliest: computed - AUDIT_EARLIER,
  latest: computed + AUDIT_LATER,
});
