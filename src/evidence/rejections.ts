import type { Rejections } from "../model/decision.ts";
import type { LogEvidence } from "../model/log.ts";
import { type Millis, SECOND } from "../model/time.ts";

/** How far back lines count. The informer tries again every 40 s, so a refused token leaves at least three lines in it. */
export const REJECTION_WINDOW: Millis = 130 * SECOND;

/**
 * Two of the lines are this far apart, so there are two and the refusal outlasted a retry. One line can be an unlucky moment of an
 * API server that starts or changes its keys, and one moment leaves several lines: an informer per subsystem and per cluster.
 */
export const MIN_REJECTION_SPREAD: Millis = 30 * SECOND;

/** The newest line is at most this old: had the informer gone on failing, the next retry (40 s) would have left a newer one. */
export const MAX_REJECTION_AGE: Millis = 75 * SECOND;

/** Of a pod whose log was not read. */
export const noRejections: Rejections = {
  lines: 0,
  firstAt: null,
  lastAt: null,
  refused: false,
  tokenFileUnreadable: false,
};

/**
 * The 401 records of one container and whether they prove that the token in its memory is refused. Timestamps are the node's and
 * `readAt` is the API server's: a line in the future is as old as a line of this moment.
 */
export function rejectionsOf(log: LogEvidence): Rejections {
  const recent = log.lines.filter((line) => log.readAt - line.at <= REJECTION_WINDOW);
  const tokenFileUnreadable = recent.some((line) => line.failure === "token-file");
  const times = recent.filter((line) => line.failure === "unauthorized").map((line) => line.at);
  if (times.length === 0) return { ...noRejections, tokenFileUnreadable };
  const firstAt = Math.min(...times);
  const lastAt = Math.max(...times);
  return {
    lines: times.length,
    firstAt,
    lastAt,
    refused: lastAt - firstAt >= MIN_REJECTION_SPREAD && log.readAt - lastAt <= MAX_REJECTION_AGE,
    tokenFileUnreadable,
  };
}
