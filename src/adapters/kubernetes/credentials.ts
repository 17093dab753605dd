/** What one request carries to be recognised by the API server. */
export interface RequestCredentials {
  /** Lower-case names: `authorization`, `impersonate-user`. Empty for an anonymous request or a client certificate alone. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly clientCertificate?: ClientCertificate;
}

/** PEM. */
export interface ClientCertificate {
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
}

/**
 * Asked before every request, so that a short-lived token is renewed in time: it must answer from memory while the last
 * answer is still good. A GuardError's message is shown to the user; any other error is reported without its text.
 *
 * @param refused what it answered before and the API server did not accept (401), as the plugin interface of kubectl has it: not to be
 *   answered again where something else can be had
 */
export type Authenticate = (refused?: RequestCredentials) => Promise<RequestCredentials>;
