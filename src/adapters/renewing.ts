import { type Instant, MINUTE, type Millis } from "../model/time.ts";

/** So long before their end credentials are renewed: for a request that waits for a socket, and clocks that differ. */
const RENEW_BEFORE: Millis = MINUTE;

/** Keeps credentials until shortly before they expire. Requests that come at once share one sign-in; a failure is not kept. */
export function renewing<T extends { readonly expiresAt: Instant | null }>(
  obtain: () => Promise<T>,
  now: () => Instant = Date.now,
  renewBefore: Millis = RENEW_BEFORE,
): () => Promise<T> {
  let current: Promise<T> | null = null;
  let renewAt: Instant = 0;
  return () => {
    if (current === null || now() >= renewAt) {
      // Until the answer is there nobody else asks.
      renewAt = Number.POSITIVE_INFINITY;
      current = obtain().then(
        (credentials) => {
          if (credentials.expiresAt !== null) renewAt = credentials.expiresAt - renewBefore;
          return credentials;
        },
        (error) => {
          current = null;
          throw error;
        },
      );
    }
    return current;
  };
}
