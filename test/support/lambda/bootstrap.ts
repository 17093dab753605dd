/**
 * The runtime inside of an execution environment, in place of the one that AWS brings: loads the handler, asks the Runtime API for
 * work, and answers. Handlers are CommonJS files with the ending `.cjs` and are async, as the runtime for Node.js 24 demands.
 */
import { type IncomingHttpHeaders, request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { END_OF_INVOCATION } from "./log-lines.ts";

type Handler = (event: unknown, context: object) => Promise<unknown>;

const { env } = process;

function call(method: string, path: string, body?: object): Promise<{ headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const url = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${path}`;
    const outgoing = request(url, { method }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => resolve({ headers: incoming.headers, text: Buffer.concat(chunks).toString() }));
      incoming.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function load(): Handler {
  const [, file = "", name = ""] = env._HANDLER?.match(/^(.*)\.([^./]+)$/) ?? [];
  const handler: unknown = createRequire(import.meta.url)(join(env.LAMBDA_TASK_ROOT ?? "", `${file}.cjs`))[name];
  if (typeof handler === "function") return handler as Handler;
  throw Object.assign(new Error(`${env._HANDLER} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
}

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const missing = (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND";
  return {
    errorType: missing ? "Runtime.ImportModuleError" : error.name,
    errorMessage: missing ? `Error: ${error.message}` : error.message,
    trace: error.stack?.split("\n") ?? [],
  };
}

function contextOf(headers: IncomingHttpHeaders): object {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function serveNext(handler: Handler): Promise<void> {
  const { headers, text } = await call("GET", "invocation/next");
  const invocation = `invocation/${headers["lambda-runtime-aws-request-id"]}`;
  env._X_AMZN_TRACE_ID = String(headers["lambda-runtime-trace-id"]);
  const [route, answer] = await handler(JSON.parse(text), contextOf(headers)).then(
    (result) => ["response", (result ?? null) as object] as const,
    (error: unknown) => ["error", describe(error)] as const,
  );
  // Lambda's own END line tells the reader of the log that it has everything.
  for (const stream of [process.stdout, process.stderr]) stream.write(`\n${END_OF_INVOCATION}\n`);
  await call("POST", `${invocation}/${route}`, answer);
}

let handler: Handler;
try {
  handler = load();
} catch (error) {
  await call("POST", "init/error", describe(error));
  process.exit(1);
}
for (;;) await serveNext(handler);
