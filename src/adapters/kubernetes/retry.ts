import { setTimeout as sleep } from "node:timers/promises";
import { MAX_RETRIES, MAX_RETRY_WAIT } from "./limits.ts";
import { RequestFailed } from "./request-failed.ts";

/**
 * Sends a read again when the server put it off and said for how long (429 and 503 with Retry-After). Never for anything that
 * changes the cluster: there the whole decision has to be made again.
 */
export async function retryRead<T>(send: () => Promise<T>): Promise<T> {
  let waited = 0;
  for (let retries = 0; ; retries++) {
    try {
      return await send();
    } catch (error) {
      const wait = error instanceof RequestFailed ? error.retryAfter : null;
      if (wait === null || retries === MAX_RETRIES || waited + wait > MAX_RETRY_WAIT) throw error;
      waited += wait;
      await sleep(wait);
    }
  }
}
