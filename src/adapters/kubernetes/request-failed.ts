import { type Asked, explainForbidden } from "../../model/asked.ts";
import { GuardError } from "../../model/errors.ts";
import type { ReadFailure, ReadFailureCode } from "../../model/read.ts";
import type { Millis } from "../../model/time.ts";

/**
 * Why a request failed, reduced to what may be shown. It keeps no cause: Node's and the client library's errors hold response
 * bodies, headers and URLs, and one careless log line would print them.
 */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  readonly code: ReadFailureCode;
  /** How long the server asks to wait; null: it does not say. */
  readonly retryAfter: Millis | null;

  constructor(code: ReadFailureCode, message: string, retryAfter: Millis | null = null) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export function invalidAnswer(label: string, why: string): RequestFailed {
  return new RequestFailed(
    "InvalidAnswer",
    `${label} did not answer as a Kubernetes API server does (${why}); check the server address and what stands in between.`,
  );
}

/** A failure to obtain credentials, before anything was sent. */
export function signInFailed(error: unknown): RequestFailed {
  const message =
    error instanceof GuardError
      ? error.message
      : "No credentials could be obtained for this cluster; sign in again or check how the sign-in is configured.";
  return new RequestFailed("Unauthorized", message);
}

/** The failure as data. An error of unknown origin comes from decoding an answer: its text may quote the answer, so it is left out. */
export function toReadFailure(asked: Asked, error: unknown, label: string): ReadFailure {
  const failed = error instanceof RequestFailed ? error : invalidAnswer(label, "its content cannot be decoded");
  const { code } = failed;
  if (code === "Forbidden" && asked.permission !== null) {
    const message = asked.explain?.Forbidden ?? explainForbidden(asked.permission);
    return { code, what: asked.what, message, permission: asked.permission };
  }
  return { code, what: asked.what, message: asked.explain?.[code] ?? failed.message };
}
