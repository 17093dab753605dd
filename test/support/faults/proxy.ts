import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { Agent, request as sendRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import type { Instant } from "../../../src/model/time.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { type StubServer, startStub } from "../stub-server.ts";

/**
 * What becomes of one request on its way to the API server. "After": it was carried out, and nobody hears of it. One
 * that the API server refuses, as it does when somebody else wrote in between (409), meets no such fault.
 */
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
  /** Only what comes after such a request was carried out. */
  readonly after?: RegExp;
  /** So many of them; all unless told otherwise. */
  readonly times?: number;
}

export interface Asked {
  readonly at: Instant;
  readonly text: string;
  /** Whether the API server did it; not while nobody knows. */
  readonly done: boolean;
}

export interface FaultProxy extends StubServer {
  /** All that was asked for, as rules see it, and when. */
  readonly requests: readonly Asked[];
  /** How many of them met a fault. */
  faults(): number;
}

/** Stands between the guard and a real API server, ends TLS on both sides, and lets some requests go wrong. */
export async function startFaultProxy(cluster: Cluster, rules: readonly Rule[]): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, ca: cluster.certificateAuthority });
  const requests: (Asked & { done: boolean })[] = [];
  const met = new Map<Rule, number>();
  const timesMet = (rule: Rule): number => met.get(rule) ?? 0;

  const forward = (
    request: IncomingMessage,
    body: Buffer,
    answer: ServerResponse,
    asked: { done: boolean },
    rule: Rule | undefined,
  ): void => {
    const { method, headers, url } = request;
    const upstream = sendRequest(new URL(url ?? "", cluster.server), { agent, headers, ...(method && { method }) });
    answer.once("close", () => upstream.destroy());
    upstream.on("error", () => answer.destroy());
    upstream.once("response", (given) => {
      asked.done = (given.statusCode ?? 0) < 400;
      if (rule !== undefined && asked.done) return spoil(given, answer, rule.fault);
      if (rule !== undefined) met.set(rule, timesMet(rule) - 1);
      pass(given, answer);
    });
    upstream.end(body);
  };

  const stub = await startStub(async (request, answer) => {
    const body = await buffer(request);
    const text = `${request.method} ${request.url} ${body} as ${request.headers.authorization}`;
    const rule = rules.find(
      (one) =>
        one.on.test(text) &&
        timesMet(one) < (one.times ?? Number.POSITIVE_INFINITY) &&
        (one.after === undefined || requests.some(({ done, text }) => done && one.after?.test(text))),
    );
    const asked = { at: Date.now(), text, done: false };
    requests.push(asked);
    if (rule !== undefined) met.set(rule, timesMet(rule) + 1);
    if (rule === undefined || !isInstead(rule.fault)) return forward(request, body, answer, asked, rule);
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
