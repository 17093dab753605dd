import { type Millis, SECOND } from "../../model/time.ts";
import { invalidAnswer, RequestFailed } from "./request-failed.ts";

/** What an answer other than success means. Decided by the status alone: bodies and messages differ by version and may be hostile. */
export function failedStatus(status: number, retryAfterHeader: string | undefined, label: string): RequestFailed {
  const retryAfter = parseRetryAfter(retryAfterHeader);
  switch (status) {
    case 401:
      return new RequestFailed(
        "Unauthorized",
        "The API server does not accept the sign-in (401); sign in again, and check that this identity is known to the cluster.",
      );
    case 403:
      return new RequestFailed(
        "Forbidden",
        "The API server refuses this to the identity that asks (403); grant it the permission.",
      );
    case 404:
      return new RequestFailed("NotFound", "It does not exist, or no longer (404).");
    case 409:
      return new RequestFailed("Conflict", "It has changed since it was read (409); it has to be looked at again.");
    case 410:
      return new RequestFailed("Expired", "The list expired while its pages were read (410), twice; try again.");
    case 429:
      return new RequestFailed("Throttled", "The API server is too busy to answer (429); try again later.", retryAfter);
  }
  if (status >= 400 && status < 500)
    return new RequestFailed("Refused", `The API server refuses the request (${status}).`);
  if (status >= 500) {
    return new RequestFailed(
      "ServerError",
      `The API server failed to answer (${status}); try again, and look at the health of the control plane.`,
      retryAfter,
    );
  }
  return invalidAnswer(label, `status ${status}`);
}

/** Whole seconds, as Kubernetes sends them; the header's other form, a date, is not worth trusting two clocks for. */
function parseRetryAfter(header: string | undefined): Millis | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * SECOND : null;
}
