/**
 * The answer of one read. A failed read is a value with a reason, never an empty list: "could not look" and "looked and found
 * nothing" lead to different verdicts.
 */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ReadFailure };

/** Why a read failed: a closed set, decided by status codes and error codes, never by message text. */
export type ReadFailureCode =
  /** 403: the guard's identity lacks `permission`. */
  | "Forbidden"
  /** 401: the sign-in was not accepted. */
  | "Unauthorized"
  /** 404 */
  | "NotFound"
  /** 409: the object has changed since it was read. */
  | "Conflict"
  /** 429, after the retries that Retry-After allows. */
  | "Throttled"
  /** 410: a paged list expired between two pages. */
  | "Expired"
  /** Any other 4xx. */
  | "Refused"
  /** 5xx */
  | "ServerError"
  /** No TCP or DNS way to the server, or the connection broke. */
  | "Unreachable"
  /** The server's certificate is not signed by the cluster's CA, or is for another name. */
  | "UntrustedCertificate"
  /** No answer in time. */
  | "Timeout"
  /** The answer is not what the API promises: not JSON, cut off, of another kind. */
  | "InvalidAnswer"
  /** The answer is larger than the guard is willing to read. */
  | "TooLarge";

export interface ReadFailure {
  readonly code: ReadFailureCode;
  /** What was being done, in words a person can act on: `list pods in namespace apisix`. */
  readonly what: string;
  /** One sentence: the cause and what to do next. Never a response body, a URL with a query, or a header. */
  readonly message: string;
  /** The RBAC permission that is missing, for `Forbidden`. */
  readonly permission?: Permission;
}

export interface Permission {
  readonly verb: string;
  /** `pods`, `pods/log`, `deployments.apps`: the resource with its subresource and API group as `kubectl auth can-i` takes it. */
  readonly resource: string;
  /** null: cluster-wide. */
  readonly namespace: string | null;
}

/** What an identity is for: to look, or to restart as well. */
export type Purpose = "read" | "restart";

export const read = <T>(value: T): Read<T> => ({ ok: true, value });
export const unread = (failure: ReadFailure): { ok: false; failure: ReadFailure } => ({ ok: false, failure });
