import type { InformerFailure } from "../model/log.ts";
import { type Instant, type Millis, SECOND } from "../model/time.ts";
import type { RunningPod } from "./facts.ts";

/** Informer records that speak against the cure of a restart; the network's own failures do not. */
export const DIRTY: readonly InformerFailure[] = ["unauthorized", "forbidden", "token-file", "runtime"];

/** One record may be a moment of the API server; two this far apart outlasted a retry (the informer tries every 40 s). */
const SPREAD: Millis = 30 * SECOND;

/** When the informer of this pod failed in one of these ways since a moment. */
export function troubleSince({ pod }: RunningPod, since: Instant, kinds: readonly InformerFailure[]): Instant[] {
  if (pod.log === null || !pod.log.ok) return [];
  return pod.log.value.lines.filter(({ at, failure }) => at >= since && kinds.includes(failure)).map(({ at }) => at);
}

/** Whether that has outlasted a retry. */
export function isStillRefused(pod: RunningPod, since: Instant, kinds: readonly InformerFailure[]): boolean {
  const times = troubleSince(pod, since, kinds);
  return Math.max(...times) - Math.min(...times) >= SPREAD;
}
