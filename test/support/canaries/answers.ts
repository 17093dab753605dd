import type { ServerResponse } from "node:http";
import { CANARIES } from "./inventory.ts";

/** What comes in place of an answer. */
type Answer = (response: ServerResponse) => void;

/** Headers of every answer that goes wrong; `warning` is what Kubernetes itself would have its clients print. */
export const HEADERS = {
  "x-canary": CANARIES.header,
  warning: `299 - "${CANARIES.header}"`,
  "www-authenticate": `Bearer realm="${CANARIES.header}"`,
  "set-cookie": `session=${CANARIES.header}`,
};

/** An error as an API server puts it. */
const status =
  (code: number): Answer =>
  (response) => {
    response.writeHead(code, CANARIES.reasonPhrase, { "content-type": "application/json", ...HEADERS });
    response.end(
      JSON.stringify({
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: `denied: token ${CANARIES.statusMessage} is not accepted`,
        reason: CANARIES.statusReason,
        details: { name: CANARIES.statusDetail, causes: [{ message: CANARIES.statusDetail }] },
        code,
      }),
    );
  };

const body =
  (code: number, type: string, content: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(code, { "content-type": type, ...HEADERS, ...headers });
    response.end(content);
  };

const HTML = `<html><title>Sign in</title><form action="/?token=${CANARIES.page}"></form></html>`;
const JSON_TYPE = "application/json";

/** In the fields that are looked at, things of another shape. */
const WRONG_SHAPE = {
  kind: CANARIES.wrongShape,
  metadata: { name: CANARIES.wrongShape, continue: CANARIES.wrongShape },
  items: [{ metadata: CANARIES.wrongShape, spec: CANARIES.wrongShape }, CANARIES.wrongShape],
  status: { allowed: CANARIES.wrongShape },
  gitVersion: { build: CANARIES.build },
};

/** Everything that a server, or what stands in its place, can answer to a question instead of an answer. */
export const BAD_ANSWERS: Readonly<Record<string, Answer>> = {
  ...Object.fromEntries([400, 401, 403, 404, 409, 410, 422, 429, 500, 503].map((code) => [`${code}`, status(code)])),
  "a page to sign in": body(200, "text/html", HTML),
  "a page of a proxy": body(502, "text/html", HTML),
  "a page that claims to be JSON": body(200, JSON_TYPE, HTML),
  "a redirect": body(302, "text/html", HTML, { location: `https://login.example/?token=${CANARIES.header}` }),
  "a wait that is none": body(429, JSON_TYPE, "{}", { "retry-after": CANARIES.header }),
  "JSON of another shape": body(200, JSON_TYPE, JSON.stringify(WRONG_SHAPE)),
  "a text": body(200, JSON_TYPE, JSON.stringify(CANARIES.wrongShape)),
  "no JSON": body(200, JSON_TYPE, CANARIES.garbage),
  "JSON that is cut off": body(200, JSON_TYPE, `{"kind":"${CANARIES.garbage}`),
  "an answer that breaks off": (response) => {
    response.writeHead(200, { "content-type": JSON_TYPE, "content-length": 1_000, ...HEADERS });
    response.write(`{"kind":"${CANARIES.garbage}`, () => response.destroy());
  },
  "no HTTP": (response) => response.socket?.end(`${CANARIES.garbage}\r\n\r\n`),
  "HTTP with a header that is none": (response) =>
    response.socket?.end(`HTTP/1.1 200 OK\r\n${CANARIES.garbage}\u0000\r\n\r\n`),
  "a connection that is closed": (response) => void response.socket?.destroy(),
};

/** The answer that was asked for, of the right kind and about the right objects, whose values are canaries. */
export const CANARIES_FOR_VALUES = "canaries for values";

/** What says which object it is, and whose; a name is no secret. */
const IDENTITY = new Set(
  "kind apiVersion name namespace serviceAccountName uid resourceVersion labels selector ownerReferences gitVersion".split(
    " ",
  ),
);

/** The same answer, with a canary for every value that `isMeant`, by its path: `0.metadata.creationTimestamp`. */
export function garbled(value: unknown, isMeant: (path: string) => boolean = () => true, path = ""): unknown {
  const inside = (key: string | number, field: unknown) =>
    garbled(field, isMeant, path === "" ? `${key}` : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((item, index) => inside(index, item));
  if (typeof value !== "object" || value === null) return isMeant(path) ? CANARIES.wrongShape : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, IDENTITY.has(key) ? field : inside(key, field)]),
  );
}
