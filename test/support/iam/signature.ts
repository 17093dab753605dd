import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A request to AWS as it arrived. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a request says of its own signature. */
export interface Signature {
  readonly accessKeyId: string;
  /** Date, region, service, `aws4_request`. */
  readonly scope: readonly string[];
  /** `20261123T081757Z` */
  readonly time: string;
  readonly signedHeaders: readonly string[];
  readonly sessionToken: string | undefined;
  readonly value: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** Of a presigned URL, else of the Authorization header; null: there is none. */
export function signatureOf({ query, headers }: SignedRequest): Signature | null {
  if (query.has("X-Amz-Signature")) {
    const parameter = (name: string) => query.get(`X-Amz-${name}`) ?? "";
    return signature({
      credential: parameter("Credential"),
      signedHeaders: parameter("SignedHeaders"),
      value: parameter("Signature"),
      time: parameter("Date"),
      sessionToken: query.get("X-Amz-Security-Token") ?? undefined,
    });
  }
  const parts = headers.authorization?.match(/^AWS4-HMAC-SHA256 Credential=(.+), SignedHeaders=(.+), Signature=(.+)$/);
  if (parts == null) return null;
  const [, credential = "", signedHeaders = "", value = ""] = parts;
  return signature({
    credential,
    signedHeaders,
    value,
    time: header(headers, "x-amz-date"),
    sessionToken: header(headers, "x-amz-security-token") || undefined,
  });
}

interface Written extends Pick<Signature, "time" | "sessionToken" | "value"> {
  readonly credential: string;
  readonly signedHeaders: string;
}

function signature({ credential, signedHeaders, ...rest }: Written): Signature {
  const [accessKeyId = "", ...scope] = credential.split("/");
  return { ...rest, accessKeyId, scope, signedHeaders: signedHeaders.split(";") };
}

/**
 * The signature that the owner of this secret would have made, worked out from AWS' description of Signature Version 4 alone:
 * it shares no code with the SDK whose signatures it judges.
 */
export function expectedSignature(request: SignedRequest, { scope, time, signedHeaders }: Signature, secret: string) {
  const { method, path, query, headers, body } = request;
  const canonicalRequest = [
    method,
    path,
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${header(headers, name).trim()}`),
    "",
    signedHeaders.join(";"),
    sha256(body),
  ].join("\n");
  const toSign = [ALGORITHM, time, scope.join("/"), sha256(canonicalRequest)].join("\n");
  const key = scope.reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${secret}`);
  return hmac(key, toSign).toString("hex");
}

/** `20261123T081757Z` as an instant; NaN when it is no time. */
export function instantOf(time: string): number {
  return Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].filter(([name]) => name !== "X-Amz-Signature");
  return pairs
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

/** RFC 3986: everything but letters, digits and `-_.~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const header = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? "");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
