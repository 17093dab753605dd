import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { Agent, request as sendRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import type { Instant } from "../../../src/model/time.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { type StubServer, startStub } from "../stub-server.ts";

/** What becomes of one request on its way to the API server. "After" it was carried out, and nobody hears of it. */
export type Fault =
  | { readonly status: number; readonly retryAfter?: string }
  | { readonly reset: "before" | "after" }
  /** Nothing more comes; "middle": the answer has begun. */
  | { readonly stall: "before" | "after" | "middle" }
  /** Half of the answer, which ends as if it were whole. */
  | { readonly half: true }
  /** Somebody in between answers in the API server's place. */
  | { readonly page: true };

/** Which requests a fault meets, by `METHOD URL BODY as AUTHORIZATION`. */
export interface Rule {
  readonly on: RegExp;
  readonly fault: Fault;
  /** Only what comes after this was asked for. */
  readonly after?: RegExp;
  /** So many of them; all unless told otherwise. */
  readonly times?: number;
}

export interface FaultProxy extends StubServer {
  /** All that was asked for, as rules see it, and when. */
  readonly requests: readonly { readonly at: Instant; readonly text: string }[];
  /** How many of them met a fault. */
  faults(): number;
}

/** Stands between the guard and a real API server, ends TLS on both sides, and lets some requests go wrong. */
export async function startFaultProxy(cluster: Cluster, rules: readonly Rule[]): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, ca: cluster.certificateAuthority });
  const requests: { at: Instant; text: string }[] = [];
  const met = new Map<Rule, number>();

  const forward = (request: IncomingMessage, body: Buffer, answer: ServerResponse, fault: Fault | undefined): void => {
    const { method, headers, url } = request;
    const upstream = sendRequest(new URL(url ?? "", cluster.server), { agent, headers, ...(method && { method }) });
    answer.once("close", () => upstream.destroy());
    upstream.on("error", () => answer.destroy());
    upstream.once("response", (given) => {
      if (fault === undefined) return pass(given, answer);
      spoil(given, answer, fault);
    });
    upstream.end(body);
  };

  const stub = await startStub(async (request, answer) => {
    const body = await buffer(request);
    const text = `${request.method} ${request.url} ${body} as ${request.headers.authorization}`;
    const rule = rules.find(
      (one) =>
        one.on.test(text) &&
        (met.get(one) ?? 0) < (one.times ?? Number.POSITIVE_INFINITY) &&
        (one.after === undefined || requests.some((earlier) => one.after?.test(earlier.text))),
    );
    requests.push({ at: Date.now(), text });
    if (rule !== undefined) met.set(rule, (met.get(rule) ?? 0) + 1);
    if (rule === undefined || !isInstead(rule.fault)) return forward(request, body, answer, rule?.fault);
    instead(answer, rule.fault);
  });

  return {
    ...stub,
    requests,
    faults: () => [...met.values()].reduce((sum, count) => sum + count, 0),
    close: async () => {
      agent.destroy();
      await stub.close();
    },
  };
}

/** Whether the API server never hears of the request. */
const isInstead = (fault: Fault): boolean =>
  "status" in fault ||
  "page" in fault ||
  ("reset" in fault && fault.reset === "before") ||
  ("stall" in fault && fault.stall === "before");

function instead(answer: ServerResponse, fault: Fault): void {
  if ("page" in fault) answer.writeHead(200, { "content-type": "text/html" }).end("<html>Please sign in</html>");
  if ("reset" in fault) answer.destroy();
  if (!("status" in fault)) return;
  const { status: code, retryAfter } = fault;
  const type = { "content-type": "application/json", ...(retryAfter !== undefined && { "retry-after": retryAfter }) };
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", message: STATUS_CODES[code], code };
  answer.writeHead(code, type).end(JSON.stringify(status));
}

/** The head is there, so whatever was asked for has been done. */
function spoil(given: IncomingMessage, answer: ServerResponse, fault: Fault): void {
  if ("reset" in fault) answer.destroy();
  if ("stall" in fault && fault.stall === "after") return;
  given.once("data", (chunk: Buffer) => {
    const { "content-length": _, ...headers } = given.headers;
    answer.writeHead(given.statusCode ?? 0, headers).write(chunk.subarray(0, chunk.length / 2));
    if ("half" in fault) answer.end();
  });
}

function pass(given: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(given.statusCode ?? 0, given.headers);
  // A watch has a head long before it has anything to say.
  answer.flushHeaders();
  given.on("error", () => answer.destroy());
  given.pipe(answer);
}
