import type { Instant, Millis } from "./time.ts";

/** What one record of the discovery informer says went wrong. */
export type InformerFailure =
  /** 401: the token in memory was refused. */
  | "unauthorized"
  /** 403: the token was accepted, its ServiceAccount lacks RBAC (or an empty token was sent and anonymous access is on). */
  | "forbidden"
  /** "failed to read token from file": APISIX ≥ 3.13 could not read the mounted file. */
  | "token-file"
  /** RuntimeException: the informer's own code failed, as after an unreadable token file in 3.13 … 3.16. */
  | "runtime"
  /** Gone, ReadBodyError, RequestError, connect failures: the network or the API server, not the token. */
  | "other";

/** One record of the discovery informer in a container's log, without its text. */
export interface InformerLine {
  /** The kubelet's timestamp of the record. */
  readonly at: Instant;
  readonly failure: InformerFailure;
  /** nginx runs one informer per subsystem, so a gateway with `stream_proxy` logs everything twice. */
  readonly subsystem: "http" | "stream";
  /** Process id of nginx's privileged agent; a new one after a reload. */
  readonly pid: number;
}

/** What one read of a container's log showed, and how far back it can be trusted. */
export interface LogEvidence {
  /** API server's Date of the answer. */
  readonly readAt: Instant;
  /** How far back was asked for. */
  readonly window: Millis;
  /** Timestamp of the first line of the answer; null: the answer was empty. */
  readonly firstLineAt: Instant | null;
  /** Timestamp of the first line of the file the kubelet serves; null: not asked, or the file is empty. */
  readonly fileFirstLineAt: Instant | null;
  /** The answer was cut by the guard's own limit on bytes or time. */
  readonly capped: boolean;
  readonly bytes: number;
  readonly lines: readonly InformerLine[];
}
