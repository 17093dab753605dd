import { GuardError } from "../../model/errors.ts";
import { type Read, type ReadFailure, read, unread } from "../../model/read.ts";
import { RequestFailed } from "../kubernetes/request-failed.ts";
import { type AwsCall, explainFailure } from "./explain-failure.ts";
import { failedCall, TIMED_OUT } from "./failed-call.ts";
import type { AwsLimits } from "./limits.ts";

/** Makes one call, which has to end at the signal; whatever goes wrong becomes data. */
export async function call<T>(
  about: AwsCall,
  { callTimeout }: AwsLimits,
  send: (abortSignal: AbortSignal) => Promise<T>,
): Promise<Read<T>> {
  const signal = AbortSignal.timeout(callTimeout);
  try {
    return read(await send(signal));
  } catch (error) {
    return unread(failureOf(about, error, signal.aborted));
  }
}

export const invalidAnswer = (about: AwsCall, why: string): RequestFailed =>
  new RequestFailed("InvalidAnswer", explainFailure(about, { code: "InvalidAnswer", word: why }));

/** The SDK's error, which holds headers and bodies, goes no further than here. */
function failureOf(about: AwsCall, error: unknown, timedOut: boolean): ReadFailure {
  const { what } = about;
  if (error instanceof RequestFailed) return { code: error.code, what, message: error.message };
  // There were no credentials to make the call with, and the sign-in has said why.
  if (error instanceof GuardError) return { code: "Unauthorized", what, message: error.message };
  // A body that is cut off by us looks like one that was cut off by the other side.
  const failed = timedOut ? TIMED_OUT : failedCall(error);
  return { code: failed.code, what, message: explainFailure(about, failed) };
}
