import type { ReadFailureCode } from "../../model/read.ts";
import { errorCode, failedConnection } from "../kubernetes/failed-connection.ts";

/** Why a call to an AWS API failed: our code for it, and a word of AWS' or Node's that may be shown. */
export interface FailedCall {
  readonly code: ReadFailureCode;
  /** `AccessDeniedException`, `HTTP 502`, `ECONNREFUSED` */
  readonly word: string;
}

/** The key is right and no longer good. */
export const EXPIRED: ReadonlySet<string> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "TokenRefreshRequired",
]);

/** The secret does not fit the key, or the date of the request is off. */
export const WRONGLY_SIGNED: ReadonlySet<string> = new Set([
  "AuthFailure",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

/** The key is not one of this partition, or of an account that has not enabled the region. */
const UNKNOWN_KEY: ReadonlySet<string> = new Set([
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "UnrecognizedClientException",
]);

/** As the SDK itself decides what to send again later. */
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/;

/**
 * An error's name as AWS gives it: words. With other digits than those of Lambda's own names (`EC2ThrottledException`) it could be a key
 * that something in between puts there. `Unknown` is the SDK's own, for a body that names none.
 */
const NAME = /^(?!Unknown$)(?:EC2)?[A-Z][A-Za-z]{2,60}$/;

/** By names and numbers, never by text: the SDK's errors carry headers and bodies, and its messages quote both. */
export function failedCall(error: unknown): FailedCall {
  const { name, $fault, $metadata } = (error ?? {}) as {
    readonly name?: unknown;
    readonly $fault?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: unknown };
  };
  const status = $metadata?.httpStatusCode;
  if ($fault !== undefined && typeof status === "number") {
    const known = typeof name === "string" && NAME.test(name) ? name : null;
    return { code: answerCode(status, known), word: known ?? `HTTP ${status}` };
  }
  const word = errorCode(error);
  // Before the name: the SDK calls a connection that broke a TimeoutError, too.
  if (word !== "no code") return { code: failedConnection(error, "").code, word };
  if (name === "TimeoutError" || name === "AbortError") return TIMED_OUT;
  if (typeof status === "number") return { code: answerCode(status, null), word: `HTTP ${status}` };
  return { code: "InvalidAnswer", word };
}

export const TIMED_OUT: FailedCall = { code: "Timeout", word: "no answer in time" };

/** `name` null: what came is no error of an AWS API but the page of something in between, or cannot be decoded. */
function answerCode(status: number, name: string | null): ReadFailureCode {
  if (status >= 500) return "ServerError";
  if (status === 429) return "Throttled";
  if (name === null) return "InvalidAnswer";
  if (THROTTLED.test(name)) return "Throttled";
  if (EXPIRED.has(name) || WRONGLY_SIGNED.has(name) || UNKNOWN_KEY.has(name)) return "Unauthorized";
  // Services of the JSON protocol, such as CloudWatch Logs, answer 400 to everything and say the rest by name.
  if (status === 404 || name === "ResourceNotFoundException") return "NotFound";
  return status === 403 || name === "AccessDeniedException" ? "Forbidden" : "Refused";
}
