import type { LogEvidence } from "../model/log.ts";
import { type Instant, type Millis, SECOND } from "../model/time.ts";

/** How far back a log is asked for: the 130 s in which rejections count, and 10 s for the clocks of node and API server. */
export const LOG_WINDOW: Millis = 140 * SECOND;

/**
 * The guard reads no more of one log. The kubelet rotates at 10 MiB unless told otherwise and looks every 10 s, so the file of a
 * gateway that writes 100 MB a minute reaches 27 MiB; this is twice that, and still nothing for a Lambda or a laptop, as the bytes
 * are not kept. A log cut here is not covered.
 */
export const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** The guard reads no longer than this: MAX_LOG_BYTES over a slow line (20 Mbit/s) take 27 s. A log cut here is not covered. */
export const MAX_LOG_TIME: Millis = 30 * SECOND;

/** A busy log's first line comes this soon after the start of the window; also room for the whole seconds of `readAt`. */
export const WINDOW_EDGE: Millis = 5 * SECOND;

/**
 * APISIX' entrypoint prints within moments of the container's start; a log that begins later has been rotated. Half a minute is
 * room for a slow node, and no loss: the informer tries again every 40 s, so the lines of its next attempts come after it.
 */
export const START_EDGE: Millis = 30 * SECOND;

/**
 * Whether no line of the window can be missing from what was read. The kubelet serves only the current file of a container's log
 * and says nothing when the rest of the window is in a rotated one.
 */
export function isCovered(log: LogEvidence, startedAt: Instant): boolean {
  if (log.capped) return false;
  const begins = earliest(log.firstLineAt, log.fileFirstLineAt);
  if (isYounger(log, startedAt)) return begins === null || begins <= startedAt + START_EDGE;
  // Empty and older than the window: the entrypoint has printed, so the kubelet has just rotated.
  return begins !== null && begins <= windowStart(log) + WINDOW_EDGE;
}

/**
 * Whether the time of the file's very first line would help: the answer begins late in the window, which is either a quiet log or
 * a rotated one. The answer of a container younger than the window already begins where its file does.
 */
export function needsFileStart(log: LogEvidence, startedAt: Instant): boolean {
  return !log.capped && log.fileFirstLineAt === null && !isYounger(log, startedAt) && !isCovered(log, startedAt);
}

const windowStart = (log: LogEvidence): Instant => log.readAt - log.window;

const isYounger = (log: LogEvidence, startedAt: Instant): boolean => startedAt > windowStart(log);

function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
