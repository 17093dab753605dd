import type { InformerFailure } from "../model/log.ts";
import { type Instant, type Millis, SECOND } from "../model/time.ts";
import type { RunningPod } from "./facts.ts";

/** Informer records that speak against a cure; the network's own failures do not. */
const DIRTY: readonly InformerFailure[] = ["unauthorized", "forbidden", "token-file", "runtime"];

/** One record may be a moment of the API server; two this far apart outlasted a retry (the informer tries every 40 s). */
const DIRTY_SPREAD: Millis = 30 * SECOND;

/** When the informer of this pod failed, since a moment, for a reason that a cure would have ended. */
export function dirtyLines({ pod }: RunningPod, since: Instant): Instant[] {
  if (pod.log === null || !pod.log.ok) return [];
  return pod.log.value.lines.filter(({ at, failure }) => at >= since && DIRTY.includes(failure)).map(({ at }) => at);
}

/** Whether what a cure would have ended has outlasted one since this moment. */
export function isStillRefused(pod: RunningPod, since: Instant): boolean {
  const times = dirtyLines(pod, since);
  return Math.max(...times) - Math.min(...times) >= DIRTY_SPREAD;
}
