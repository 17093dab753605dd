import type { InformerFailure, InformerLine } from "../model/log.ts";
import { type Instant, parseInstant } from "../model/time.ts";

/**
 * What the kubelet puts before every line when it is asked for timestamps: RFC 3339 with nanoseconds, in the time zone of the
 * node (kubelet logs.go, timeFormatOut), and one space.
 */
const TIMESTAMP = String.raw`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) `;
const FIRST_LINE = new RegExp(TIMESTAMP);

/**
 * The start of a record that the discovery code writes. Anchored, because an access-log line carries text that its client chose.
 * Only `[error]`: every release since 2.13.0 logs these failures with core.log.error, and there is no other level to expect.
 * The line number is not looked at: it differs by release, and people patch the file (apache/apisix#9138).
 */
const RECORD = new RegExp(
  TIMESTAMP +
    String.raw`\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[error\] (\d{1,10})#\d{1,10}: \*\d{1,20} (stream )?\[lua\] ` +
    String.raw`(informer_factory|init|core)\.lua:\d{1,6}: (?:[\w.]{1,64}\(\): )?`,
);

const REQUEST_FAILED = /^(?:list|watch) failed, kind: \w+, reason: ([^,]*), message : (.*)/s;

/** The API server's own words, for the case that something between it and APISIX drops the reason phrase of HTTP/1.1. */
const UNAUTHORIZED_STATUS = /^\{"kind":"Status",.*"code":401\b/s;

/**
 * How a message goes on that no client can have written: as a JSON object, or without any double quote.
 *
 * The anchor alone is not enough. When a runtime cuts an access-log line in two (16 KiB in containerd, any read in conmon) and a
 * record of the other stream comes between the halves, the kubelet serves the second half as a line with a timestamp of its own
 * (logs.go, isNewLine). That half may start wherever the client wants it to, but nginx writes a client's double quote as `\x22`
 * or `\"`, and what follows the client's text in the log format has a quote.
 */
const NOT_FROM_A_CLIENT = /^(?:\{"\w+":|[^"]*$)/;

const TOKEN_FILE = "failed to read token from file";
const RUNTIME = /^list_watch failed, kind: \w+, reason: RuntimeException\b/;

/** The timestamp at the start of a log line, or null when there is none that can be read. */
export function lineTime(line: string): Instant | null {
  return parseInstant(FIRST_LINE.exec(line)?.[1]);
}

/** What one line of a container's log, with its timestamp and without its newline, says of the discovery informer; else null. */
export function informerRecord(line: string): InformerLine | null {
  const head = RECORD.exec(line);
  const at = parseInstant(head?.[1]);
  if (head === null || at === null) return null;
  const text = line.slice(head[0].length);
  const failure = head[4] === "informer_factory" ? requestFailure(text) : loopFailure(text);
  if (failure === null) return null;
  return { at, failure, subsystem: head[3] === undefined ? "http" : "stream", pid: Number(head[2]) };
}

/** informer_factory.lua: connecting, listing and watching. Whatever else it reports as an error is not about the token. */
function requestFailure(text: string): InformerFailure | null {
  const [, reason, message = ""] = REQUEST_FAILED.exec(text) ?? [];
  if (reason === "Unauthorized" || UNAUTHORIZED_STATUS.test(message)) {
    // Only this failure makes the guard act, so only this one has to be proven genuine; the others make it more careful.
    return NOT_FROM_A_CLIENT.test(message) ? "unauthorized" : null;
  }
  return reason === "Forbidden" ? "forbidden" : "other";
}

/** init.lua, and core.lua since 3.17: the loop around the informer. Many modules of APISIX are called init.lua. */
function loopFailure(text: string): InformerFailure | null {
  if (text.startsWith(TOKEN_FILE)) return "token-file";
  return RUNTIME.test(text) ? "runtime" : null;
}
