/** Pieces of container logs as the API gives them. */
export const UNAUTHORIZED =
  '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}';

export const FORBIDDEN = String.raw`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"endpoints is forbidden: User \"system:serviceaccount:gateway:default\" cannot list resource \"endpoints\" in API group \"\" at the cluster scope","reason":"Forbidden","details":{"kind":"endpoints"},"code":403}`;

/** One line with the kubelet's timestamp. */
export const framed = (text: string, at = "2026-11-23T08:17:57.827315000Z"): string => `${at} ${text}\n`;

/** An informer record of APISIX 3.12.0 about a refused list. */
export const refusal = `2026/11/23 09:33:58 [error] 3137#3137: *9 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`;

/** The official chart's access log format, with text of the client's choice as nginx writes it: double quotes escaped. */
export function accessLog({
  path = "/v1/orders",
  userAgent = "curl/8.5.0",
  referer = "-",
  host = "api.example.com",
} = {}): string {
  const escaped = (text: string) => text.replaceAll('"', String.raw`\x22`);
  return `10.0.3.7 - - [22/Nov/2024:13:34:23 +0000] ${escaped(host)} "GET ${escaped(path)} HTTP/1.1" 401 42 0.003 "${escaped(referer)}" "${escaped(userAgent)}" 10.0.9.12:8080 401 0.002 "http://api.example.com"`;
}
