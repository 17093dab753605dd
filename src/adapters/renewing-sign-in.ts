import type { Instant } from "../model/time.ts";
import type { Authenticate, RequestCredentials } from "./kubernetes/credentials.ts";
import { renewing } from "./renewing.ts";

/** Keeps the credentials for a cluster until shortly before they expire, or until its API server does not accept them any more. */
export function renewingSignIn(
  obtain: () => Promise<RequestCredentials & { readonly expiresAt: Instant | null }>,
  now: () => Instant = Date.now,
): Authenticate {
  let given: RequestCredentials | null = null;
  const begin = () =>
    renewing(async () => {
      const credentials = await obtain();
      given = credentials;
      return credentials;
    }, now);
  let current = begin();
  return (refused) => {
    if (refused !== undefined && given !== null && restsOn(refused, given)) {
      // Whoever is refused with the same ones meanwhile waits for these.
      given = null;
      current = begin();
    }
    return current();
  };
}

/** Whether what was sent carries these credentials; whom to impersonate, or a client certificate of its own, may be added to them. */
const restsOn = (sent: RequestCredentials, { headers, clientCertificate }: RequestCredentials): boolean =>
  sent.headers.authorization === headers.authorization &&
  (clientCertificate === undefined || sent.clientCertificate === clientCertificate);
