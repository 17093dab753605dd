import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "../../../src/model/time.ts";
import { createFaults, type Fault, type Faults } from "../iam/faults.ts";
import { bodyOf } from "../iam/query-protocol.ts";
import { serve } from "../stub-server.ts";
import type { Invoked } from "./environment.ts";
import type { LambdaFunction } from "./function.ts";

/** An event in the queue that stands before a function. */
export interface QueuedEvent {
  readonly functionName: string;
  readonly payload: unknown;
  readonly requestId: string;
  /** One for each time that it was delivered, in the order in which they ended. */
  readonly deliveries: readonly Invoked[];
}

export interface ServiceOptions {
  /** How often an event is delivered again after an error; 2 by default, as on Lambda. */
  readonly retries?: number;
  /** Lambda waits for one minute before the first, and for two before the second. 0 by default. */
  readonly retryAfter?: Millis;
}

/** The Invoke API of Lambda. */
export interface LambdaService {
  /** For `AWS_ENDPOINT_URL_LAMBDA`. */
  readonly url: string;
  readonly faults: Faults;
  readonly events: readonly QueuedEvent[];
  /** From now on every event is delivered so many times at once: Lambda promises once at least, not once at most. */
  deliverTimes(copies: number): void;
  /** Resolves when no event is left to deliver. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Both kinds of invocation: `RequestResponse`, and `Event` with its queue and its retries. */
export async function startLambdaService(
  functions: readonly LambdaFunction[],
  { retries = 2, retryAfter = 0 }: ServiceOptions = {},
): Promise<LambdaService> {
  const faults = createFaults();
  const events: QueuedEvent[] = [];
  const underWay = new Set<Promise<unknown>>();
  let copies = 1;

  const deliver = async (target: LambdaFunction, { payload, requestId, deliveries }: Queued): Promise<void> => {
    for (let attempt = 0; attempt <= retries; attempt++) {
      if (attempt > 0) await sleep(retryAfter);
      const invoked = await target.invoke(payload, { requestId });
      deliveries.push(invoked);
      if (invoked.error === null) return;
    }
  };
  const enqueue = (target: LambdaFunction, payload: unknown): string => {
    const event: Queued = { functionName: target.name, payload, requestId: randomUUID(), deliveries: [] };
    events.push(event);
    for (let copy = 0; copy < copies; copy++) {
      const delivery = deliver(target, event).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    }
    return event.requestId;
  };

  const invoke = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const name = functionIn(request.url ?? "");
    const target = functions.find((one) => one.name === name);
    const fault = faults.take();
    if (fault === "hang") return;
    if (fault !== undefined || target === undefined) return refuse(response, fault ?? notFound(name));
    const payload: unknown = body === "" ? {} : JSON.parse(body);
    if (request.headers["x-amz-invocation-type"] === "Event") {
      response.writeHead(202, { "x-amzn-requestid": enqueue(target, payload) }).end();
      return;
    }
    const { result, error, requestId } = await target.invoke(payload);
    const failed = error === null ? {} : { "x-amz-function-error": "Unhandled" };
    response.writeHead(200, { "x-amzn-requestid": requestId, "x-amz-executed-version": "$LATEST", ...failed });
    response.end(JSON.stringify(error ?? result));
  };

  const server = await serve(
    createServer((request, response) => void invoke(request, response)),
    (port) => `http://127.0.0.1:${port}`,
  );
  return {
    url: server.url,
    faults,
    events,
    deliverTimes: (times) => {
      copies = times;
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    stop: server.close,
  };
}

interface Queued extends QueuedEvent {
  readonly deliveries: Invoked[];
}

/** `/2015-03-31/functions/NAME/invocations`; the name may be an ARN, and either may have a version or an alias behind it. */
function functionIn(url: string): string {
  const [, encoded = ""] = url.match(/^\/2015-03-31\/functions\/([^/]+)\/invocations/) ?? [];
  return decodeURIComponent(encoded)
    .replace(/^arn:.*:function:/, "")
    .replace(/:.*/, "");
}

const notFound = (name: string): Fault => ({
  status: 404,
  code: "ResourceNotFoundException",
  message: `Function not found: ${name}`,
});

function refuse(response: ServerResponse, { status, code, message }: Fault): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": code });
  response.end(JSON.stringify({ Message: message }));
}
