import type { Asked } from "../../model/asked.ts";
import { type Read, read, unread } from "../../model/read.ts";
import { toReadFailure } from "./request-failed.ts";

/** Runs one read; whatever goes wrong becomes data. */
export async function attempt<T>(asked: Asked, label: string, run: () => Promise<T>): Promise<Read<T>> {
  try {
    return read(await run());
  } catch (error) {
    return unread(toReadFailure(asked, error, label));
  }
}
