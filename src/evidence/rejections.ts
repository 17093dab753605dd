import type { Rejections } from "../model/decision.ts";
import type { LogEvidence } from "../model/log.ts";
import { type Millis, SECOND } from "../model/time.ts";

/** How far back lines count. The informer tries again every 40 s, so a refused token leaves at least three lines in it. */
export const REJECTION_WINDOW: Millis = 130 * SECOND;

/** Fewer lines can be one unlucky moment of an API server that starts or changes its keys. */
export const MIN_REJECTIONS = 2;

/**
 * Two of the lines are this far apart: the refusal outlasted one retry. Without it the two informers of a gateway with
 * `stream_proxy`, or the entries of several clusters, would count one moment twice.
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
    refused:
      times.length >= MIN_REJECTIONS &&
      lastAt - firstAt >= MIN_REJECTION_SPREAD &&
      log.readAt - lastAt <= MAX_REJECTION_AGE,
    tokenFileUnreadable,
  };
}
