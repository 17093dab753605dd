import { invalidAnswer, RequestFailed } from "./request-failed.ts";

/** Codes of OpenSSL's certificate verification as Node names them (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const UNTRUSTED = new Set([
  "CA_SIGNATURE_FAILURE",
  "CERT_CHAIN_TOO_LONG",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_FORMAT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * What a connection that failed, or broke before the answer began, means: by the error's code, never by its text.
 *
 * @param hint what to check when there is no way to the server, from who knows more of the network; null: the usual things
 */
export function failedConnection(error: unknown, label: string, hint: string | null = null): RequestFailed {
  const code = errorCode(error);
  if (UNTRUSTED.has(code)) {
    return new RequestFailed(
      "UntrustedCertificate",
      `The certificate of ${label} is not trusted (${code}); check the cluster's CA and the server address, and whether a proxy in between opens TLS.`,
    );
  }
  // The server ends the handshake because of our certificate: it is missing, expired or signed by another CA.
  if (/^ERR_SSL_.*ALERT_.*(CERTIFICATE|CERT|UNKNOWN_CA)/.test(code)) {
    return new RequestFailed(
      "Unauthorized",
      `${label} does not accept the client certificate (${code}); renew it or sign in another way.`,
    );
  }
  // Thrown before anything is sent: a PEM that is none, a token with a line break in it.
  if (code.startsWith("ERR_OSSL") || code === "ERR_INVALID_CHAR") {
    return new RequestFailed(
      "Unauthorized",
      `The token or client certificate for this cluster is damaged (${code}); sign in again or check where it comes from.`,
    );
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return invalidAnswer(label, `no TLS: ${code}`);
  if (code.startsWith("HPE_")) return invalidAnswer(label, `no HTTP: ${code}`);
  if (code === "ETIMEDOUT")
    return new RequestFailed("Timeout", `No answer from ${label} (${code}); ${hint ?? CHECK_NETWORK}`);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new RequestFailed(
      "Unreachable",
      `The name of ${label} cannot be resolved (${code}); ${hint ?? "check the server address, DNS and any VPN."}`,
    );
  }
  if (code === "ERR_PROXY_TUNNEL") {
    return new RequestFailed(
      "Unreachable",
      `The proxy does not let through to ${label} (${code}); check its address and its rules.`,
    );
  }
  return new RequestFailed("Unreachable", `No connection to ${label}, or it broke (${code}); ${hint ?? CHECK_NETWORK}`);
}

const CHECK_NETWORK = "check the server address, security groups, and any VPN or proxy.";

/** Errors of Node's own making have short upper-case codes; anything else is not shown. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : "no code";
}
