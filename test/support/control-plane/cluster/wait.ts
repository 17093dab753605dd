import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** Milliseconds; 20 s by default, which is long for everything a control plane of this size does. */
  readonly timeout?: number;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/**
 * Looks until `probe` yields something truthy, and returns that.
 *
 * An error thrown by the probe counts as "not yet"; the last one becomes the cause of the time-out.
 *
 * @param what - completes "timed out waiting for …"
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeout = 20_000, interval = 50 }: WaitOptions = {},
): Promise<T> {
  const end = performance.now() + timeout;
  let cause: unknown;
  do {
    try {
      const result = await probe();
      if (result) return result;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(interval);
  } while (performance.now() < end);
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  throw new Error(`timed out after ${timeout} ms waiting for ${what}${detail}`, { cause });
}
