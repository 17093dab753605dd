import type { KubeTime } from "../model/kubernetes.ts";
import { type Instant, parseInstant } from "../model/time.ts";

/** A timestamp of the API as a moment; null when it is missing or not a time. */
export function instantOf(time: KubeTime | undefined): Instant | null {
  if (!(time instanceof Date)) return parseInstant(time);
  return Number.isFinite(time.getTime()) ? time.getTime() : null;
}
