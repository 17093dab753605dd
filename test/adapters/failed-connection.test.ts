import { expect, it } from "vitest";
import { failedConnection } from "../../src/adapters/kubernetes/failed-connection.ts";

const CANARY = "canary-5ecr3t";
const withCode = (code: unknown) => Object.assign(new Error(CANARY), { code, host: CANARY });

it.each([
  ["ENOTFOUND", "Unreachable"],
  ["EAI_AGAIN", "Unreachable"],
  ["ECONNREFUSED", "Unreachable"],
  ["ECONNRESET", "Unreachable"],
  ["EHOSTUNREACH", "Unreachable"],
  ["ENETUNREACH", "Unreachable"],
  ["EPIPE", "Unreachable"],
  ["ERR_PROXY_TUNNEL", "Unreachable"],
  ["ETIMEDOUT", "Timeout"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "UntrustedCertificate"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "UntrustedCertificate"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UntrustedCertificate"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UntrustedCertificate"],
  ["CERT_HAS_EXPIRED", "UntrustedCertificate"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "UntrustedCertificate"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "Unauthorized"],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "Unauthorized"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "Unauthorized"],
  ["ERR_OSSL_PEM_NO_START_LINE", "Unauthorized"],
  ["ERR_INVALID_CHAR", "Unauthorized"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "InvalidAnswer"],
  ["EPROTO", "InvalidAnswer"],
  ["HPE_INVALID_CONSTANT", "InvalidAnswer"],
])("%s means %s, and only the code is told", (code, expected) => {
  const failure = failedConnection(withCode(code), "api.example.com:443");
  expect(failure.code).toBe(expected);
  expect(failure.message).toContain(code);
  expect(JSON.stringify({ ...failure, message: failure.message, cause: failure.cause })).not.toContain(CANARY);
});

it.each([undefined, 7, CANARY, "lower", "A".repeat(100)])("a code that is none of Node's is not shown: %s", (code) => {
  const failure = failedConnection(withCode(code), "api.example.com:443");
  expect(failure).toMatchObject({ code: "Unreachable", message: expect.stringContaining("no code") });
});

it("an error that is no Error is a broken connection", () => {
  expect(failedConnection(CANARY, "a:1").code).toBe("Unreachable");
});
