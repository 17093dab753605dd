import { expect, it } from "vitest";
import { failedCall } from "../../../src/adapters/aws/failed-call.ts";

const CANARY = "canary-5ecr3t";

/** As the SDK throws it. */
const awsError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(CANARY), { name, $fault: "client", $metadata: { httpStatusCode, requestId: CANARY } });

it.each([
  ["AccessDeniedException", 403, "Forbidden"],
  ["AccessDenied", 403, "Forbidden"],
  ["ExpiredToken", 403, "Unauthorized"],
  ["ExpiredTokenException", 400, "Unauthorized"],
  ["UnrecognizedClientException", 403, "Unauthorized"],
  ["InvalidClientTokenId", 403, "Unauthorized"],
  ["SignatureDoesNotMatch", 403, "Unauthorized"],
  ["AccessDeniedException", 400, "Forbidden"],
  ["ResourceNotFoundException", 404, "NotFound"],
  ["ResourceNotFoundException", 400, "NotFound"],
  ["ThrottlingException", 400, "Throttled"],
  ["Throttling", 400, "Throttled"],
  ["RequestLimitExceeded", 503, "ServerError"],
  ["TooManyRequestsException", 429, "Throttled"],
  ["InvalidParameterException", 400, "Refused"],
  ["ServerException", 500, "ServerError"],
  ["EC2AccessDeniedException", 502, "ServerError"],
])("%s (%s) means %s, and only its name is told", (name, status, code) => {
  expect(failedCall(awsError(name, status))).toEqual({ code, word: name });
});

it.each([
  ["Unknown", 403, "InvalidAnswer"],
  ["Unknown", 502, "ServerError"],
  ["lower", 403, "InvalidAnswer"],
  [`A${"a".repeat(100)}`, 400, "InvalidAnswer"],
  ["Has-Dashes", 429, "Throttled"],
  ["AKIAIOSFODNN7EXAMPLE", 403, "InvalidAnswer"],
])("%s (%s), which no AWS API says, means %s, and only the status is told", (name, status, code) => {
  expect(failedCall(awsError(name, status))).toEqual({ code, word: `HTTP ${status}` });
});

it.each([
  ["ECONNRESET", "Unreachable"],
  ["ECONNREFUSED", "Unreachable"],
  ["ENOTFOUND", "Unreachable"],
  ["ETIMEDOUT", "Timeout"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "UntrustedCertificate"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "InvalidAnswer"],
])("%s means %s, whatever the SDK calls it", (word, code) => {
  const error = Object.assign(new Error(CANARY), { code: word, name: "TimeoutError" });
  expect(failedCall(error)).toEqual({ code, word });
});

it.each([
  [Object.assign(new Error(CANARY), { name: "TimeoutError" }), "Timeout", "no answer in time"],
  [Object.assign(new Error(CANARY), { name: "AbortError" }), "Timeout", "no answer in time"],
  [Object.assign(new SyntaxError(CANARY), { $metadata: { httpStatusCode: 200 } }), "InvalidAnswer", "HTTP 200"],
  [Object.assign(new SyntaxError(CANARY), { $metadata: { httpStatusCode: 502 } }), "ServerError", "HTTP 502"],
  [Object.assign(new SyntaxError(CANARY), { $metadata: { httpStatusCode: 403 } }), "InvalidAnswer", "HTTP 403"],
  [new TypeError(CANARY), "InvalidAnswer", "no code"],
  [CANARY, "InvalidAnswer", "no code"],
  [null, "InvalidAnswer", "no code"],
])("%s means %s", (error, code, word) => {
  expect(failedCall(error)).toEqual({ code, word });
});
