import type { Instant } from "./time.ts";

/** A token that discovery informers in one pod sent, as the API server's audit log shows it. */
export interface AuditedToken {
  /** As computed from an event: up to a second before the true issue time and up to eleven after it. */
  readonly issuedAt: Instant;
  /** The newest request with it. */
  readonly usedAt: Instant;
}

/** Requests of discovery informers that were answered with 401. The log does not say whose they were. */
export interface RefusedRequests {
  readonly resource: "endpoints" | "endpointslices";
  readonly subsystem: "http" | "stream";
  readonly requests: number;
  readonly lastAt: Instant;
}

/** What one read of an audit log showed. */
export interface AuditEvidence {
  /** By the UID of the pod. A pod that is not in it sent no request that says how old its token is. */
  readonly tokens: ReadonlyMap<string, readonly AuditedToken[]>;
  readonly refused: readonly RefusedRequests[];
  /** Times of the oldest and the newest event seen; null: there was none. */
  readonly oldestAt: Instant | null;
  readonly newestAt: Instant | null;
  readonly bytes: number;
  /** What was left unread and why, one sentence each. */
  readonly gaps: readonly string[];
}
