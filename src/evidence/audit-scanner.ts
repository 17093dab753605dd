import type { AuditEvidence } from "../model/audit.ts";
import { type Instant, parseInstant } from "../model/time.ts";
import { auditRecord } from "./audit-events.ts";
import { auditedTokens } from "./audited-tokens.ts";
import { refusalCounter } from "./refused-requests.ts";

const NEWLINE = 10;

/**
 * `_` of `ngx_lua`, which ends the user agent of every informer. Few other lines have one, and looking for a single byte runs at the
 * speed of memory: ten times as fast as looking for the word.
 */
const UNDERSCORE = 95;
const INFORMER = Buffer.from("ngx_lua/");

/** What makes an event of an informer worth parsing: a stale token, or a code that may be 401. */
const WORTH_PARSING = [Buffer.from("stale-token"), Buffer.from("401")];

/**
 * Longer lines are left out; also the bound of what is held between two chunks. An informer's events are a kilobyte long, unless the
 * audit policy has whole answers logged: the watch that follows has no answer in it, and the same token.
 */
const MAX_LINE = 1024 * 1024;

const TIME_KEY = Buffer.from('"requestReceivedTimestamp":');
const EVENT_MARK = Buffer.from("audit.k8s.io/");
/** Bytes behind the key: a space perhaps, quotes, and RFC 3339 with microseconds. */
const TIME_BYTES = 40;

export interface AuditScanner {
  /** The next bytes of the log, cut anywhere; not kept. */
  push(chunk: Uint8Array): void;
  /** The next bytes begin another file. A last line without a newline counts as a line. */
  endFile(): void;
  /** Whether any event was seen at the edge of a piece, of any program. */
  hasEvents(): boolean;
  /** Call once, after the last bytes. */
  finish(): Omit<AuditEvidence, "gaps">;
}

/** Reads audit logs, one JSON object a line, for what they say of discovery informers. Takes memory of a constant size. */
export function createAuditScanner(): AuditScanner {
  const tokens = auditedTokens();
  const refusals = refusalCounter();
  let bytesRead = 0;
  let oldestAt: Instant | null = null;
  let newestAt: Instant | null = null;
  let atStart = true;
  /** The pieces of the line whose newline has not come yet, none once it is too long; and how long it really is. */
  let unfinished: Buffer[] = [];
  let unfinishedLength = 0;

  /** Every line is looked at once at most, however many `_` a client put into it. */
  function scan(lines: Buffer): void {
    let found = lines.indexOf(UNDERSCORE);
    while (found !== -1) {
      const start = lines.lastIndexOf(NEWLINE, found) + 1;
      const newline = lines.indexOf(NEWLINE, found);
      const end = newline === -1 ? lines.length : newline;
      if (end - start <= MAX_LINE) scanLine(lines.subarray(start, end));
      found = lines.indexOf(UNDERSCORE, end);
    }
  }

  function scanLine(line: Buffer): void {
    if (!line.includes(INFORMER) || !WORTH_PARSING.some((mark) => line.includes(mark))) return;
    const record = auditRecord(line.toString("utf8"));
    if (record === null) return;
    noteTime(record.receivedAt);
    if (record.kind === "stale-token") tokens.add(record);
    else refusals.add(record);
  }

  /** A first or last line among others: together they show which time the log is about. */
  function noteEdge(line: Buffer): void {
    const key = line.lastIndexOf(TIME_KEY);
    if (key === -1 || !line.includes(EVENT_MARK)) return;
    const start = key + TIME_KEY.length;
    noteTime(parseInstant(/"([^"]*)"/.exec(line.toString("latin1", start, start + TIME_BYTES))?.[1]));
  }

  function noteTime(at: Instant | null): void {
    if (at === null) return;
    oldestAt = Math.min(oldestAt ?? at, at);
    newestAt = Math.max(newestAt ?? at, at);
  }

  function hold(part: Buffer): void {
    unfinishedLength += part.length;
    if (unfinishedLength <= MAX_LINE) unfinished.push(Buffer.from(part));
    else unfinished = [];
  }

  function scanUnfinished(isEdge: boolean): void {
    const line = Buffer.concat(unfinished);
    scan(line);
    if (isEdge) noteEdge(line);
    unfinished = [];
    unfinishedLength = 0;
  }

  function endFile(): void {
    scanUnfinished(true);
    atStart = true;
  }

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      bytesRead += bytes.length;
      const afterLast = bytes.lastIndexOf(NEWLINE) + 1;
      if (afterLast === 0) return hold(bytes);
      const afterFirst = bytes.indexOf(NEWLINE) + 1;
      hold(bytes.subarray(0, afterFirst - 1));
      scanUnfinished(atStart || afterFirst === afterLast);
      atStart = false;
      const whole = bytes.subarray(afterFirst, afterLast);
      scan(whole);
      if (whole.length > 0) noteEdge(whole.subarray(whole.lastIndexOf(NEWLINE, -2) + 1));
      hold(bytes.subarray(afterLast));
    },
    endFile,
    hasEvents: () => oldestAt !== null,
    finish() {
      endFile();
      return { tokens: tokens.all(), refused: refusals.all(), oldestAt, newestAt, bytes: bytesRead };
    },
  };
}
