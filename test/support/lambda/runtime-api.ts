import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { bodyOf } from "../iam/query-protocol.ts";
import { serve } from "../stub-server.ts";

/** One call of a function. */
export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON text. */
  readonly payload: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** As Lambda hands it to whoever called. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type Outcome = { readonly result: unknown } | { readonly error: FunctionError };

/** Lambda's side of one execution environment. */
export interface RuntimeApi {
  /** For `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Null when the runtime asks for work for the first time, else why it never will. */
  readonly initialised: Promise<FunctionError | null>;
  /** Hands an invocation to the runtime, once it asks; resolves to what the runtime says came of it. */
  give(invocation: Invocation): Promise<Outcome>;
  close(): Promise<void>;
}

/** What a function may answer at most, in bytes. */
const MAX_ANSWER = 6 * 1024 * 1024;

/** The Runtime API of Lambda, version 2018-06-01, for one execution environment: one invocation at a time. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const initialised = Promise.withResolvers<FunctionError | null>();
  let work = Promise.withResolvers<Invocation>();
  let outcome = Promise.withResolvers<Outcome>();

  const next = async (response: ServerResponse): Promise<void> => {
    initialised.resolve(null);
    const { requestId, functionArn, payload, deadline } = await work.promise;
    work = Promise.withResolvers();
    const root = `1-${Math.floor(deadline / 1000).toString(16)}-${requestId.replaceAll("-", "").slice(0, 24)}`;
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": requestId,
      "lambda-runtime-deadline-ms": String(deadline),
      "lambda-runtime-invoked-function-arn": functionArn,
      "lambda-runtime-trace-id": `Root=${root};Sampled=0`,
    });
    response.end(payload);
  };

  const routes: Readonly<Record<string, (body: string) => number>> = {
    response: (body) => {
      if (Buffer.byteLength(body) > MAX_ANSWER) {
        const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_ANSWER} bytes).`;
        outcome.resolve({ error: { errorType: "Function.ResponseSizeTooLarge", errorMessage } });
        return 413;
      }
      outcome.resolve({ result: JSON.parse(body) });
      return 202;
    },
    error: (body) => {
      const error = JSON.parse(body) as FunctionError;
      outcome.resolve({ error });
      return 202;
    },
    "init/error": (body) => {
      initialised.resolve(JSON.parse(body) as FunctionError);
      return 202;
    },
  };

  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.replace("/2018-06-01/runtime/", "") ?? "";
    if (path === "invocation/next") return next(response);
    const body = await bodyOf(request);
    const route = routes[path.replace(/^invocation\/[^/]+\//, "")];
    response.writeHead(route?.(body) ?? 404).end();
  };

  const server = await serve(
    createServer((request, response) => void listener(request, response)),
    (port) => `127.0.0.1:${port}`,
  );
  return {
    address: server.url,
    initialised: initialised.promise,
    give: (invocation) => {
      outcome = Promise.withResolvers();
      work.resolve(invocation);
      return outcome.promise;
    },
    close: server.close,
  };
}
