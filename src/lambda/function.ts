import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { powertools } from "../adapters/powertools.ts";
import { loadPackaged } from "../config/packaged.ts";
import { GuardError } from "../model/errors.ts";
import { type Millis, SECOND } from "../model/time.ts";
import { explain } from "../report/explain.ts";
import { prepare, type Run } from "./run.ts";

/** Before Lambda ends a process without a word, this one says why it ends. */
const LAST_WORDS: Millis = 2 * SECOND;

/**
 * A Lambda function of the guard: payload checked, configuration read once, errors told without anything that could be secret.
 *
 * @param folder where its code and configuration lie
 */
export function guardFunction<P>(
  read: (payload: unknown) => P,
  work: (payload: P, run: Run) => Promise<object>,
  folder: string,
) {
  // Not at load: a mistake in it shall be told by an invocation, not by a function that does not start.
  let loading: ReturnType<typeof load> | null = null;
  const config = () => {
    loading ??= load(folder);
    return loading;
  };
  return middy<unknown, object>({
    timeoutEarlyInMillis: LAST_WORDS,
    timeoutEarlyResponse: () => {
      throw new GuardError("OutOfTime", "The function's time is over; the next sweep goes on from here.");
    },
  })
    .before(({ context }) => powertools.begin(context))
    .onError((request) => {
      request.error = safeError(explain(request.error));
      powertools.log({ level: "error", message: request.error.message, fields: { code: request.error.name } });
    })
    .handler(async (event: unknown, context: Context) => work(read(event), prepare((await config()).config, context)));
}

async function load(folder: string) {
  const loaded = await loadPackaged(folder);
  for (const warning of loaded.warnings)
    powertools.log({ level: "warn", message: `guard.yml: ${warning}`, fields: {} });
  return loaded;
}

/** Lambda writes errors to its log whole, with stack and cause; this one has none. `code: message` */
function safeError(explanation: string): Error {
  const [code = "Internal"] = explanation.split(":", 1);
  const error = new Error(explanation.slice(code.length + 2));
  error.name = code;
  error.stack = explanation;
  return error;
}
