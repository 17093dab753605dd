import { type Instant, type Millis, SECOND } from "../model/time.ts";

/** One thing a program wrote at once. Text may hold several lines: a record that ends in the API's own newline does. */
export interface LogRecord {
  readonly at: Instant;
  readonly text: string;
}

/** Records from `from` to `until`, both included, in the order of time. Made when asked for, so that they go on with the clock. */
export type LogSource = (from: Instant, until: Instant) => Iterable<LogRecord>;

/** The log of one container as the node keeps it. */
export interface ContainerLog {
  readonly sources: readonly LogSource[];
  /** The current file is never older than this, because the container writes so much; null: never rotated. */
  readonly fileAge: Millis | null;
}

/** These records and no others. */
export function recorded(records: readonly LogRecord[]): LogSource {
  const ordered = [...records].sort((a, b) => a.at - b.at);
  return (from, until) => ordered.filter(({ at }) => at >= from && at <= until);
}

/** A record at `start` and every `period` after it. */
export function repeated(start: Instant, period: Millis, text: (at: Instant) => string): LogSource {
  return function* (from, until) {
    const first = start + Math.max(0, Math.ceil((from - start) / period)) * period;
    for (let at = first; at <= until; at += period) yield { at, text: text(at) };
  };
}

export interface LogView {
  /** When the current container started. */
  readonly startedAt: Instant;
  readonly now: Instant;
  readonly sinceSeconds: number | null;
  readonly limitBytes: number | null;
}

/** What a kubelet serves with `timestamps=true`: the current file only, and of it the first `limitBytes`, cut anywhere. */
export function* serveLog({ sources, fileAge }: ContainerLog, view: LogView): Iterable<Uint8Array> {
  const from = Math.max(
    view.startedAt,
    fileAge === null ? view.startedAt : view.now - fileAge,
    view.sinceSeconds === null ? view.startedAt : view.now - view.sinceSeconds * SECOND,
  );
  const encoder = new TextEncoder();
  let left = view.limitBytes ?? Number.POSITIVE_INFINITY;
  for (const { at, text } of inOrder(sources.map((source) => source(from, view.now)))) {
    const prefix = kubeletTime(at);
    const bytes = encoder.encode(
      text
        .split("\n")
        .map((line) => `${prefix} ${line}\n`)
        .join(""),
    );
    const served = bytes.subarray(0, Math.min(bytes.length, left));
    left -= served.length;
    yield served;
    if (left === 0) return;
  }
}

/** Merges sources that are in order each. */
function* inOrder(sources: readonly Iterable<LogRecord>[]): Iterable<LogRecord> {
  const heads = sources
    .map((source) => source[Symbol.iterator]())
    .map((iterator) => ({ iterator, head: iterator.next() }));
  for (;;) {
    const next = heads
      .filter(({ head }) => !head.done)
      .reduce<(typeof heads)[number] | null>((a, b) => (a === null || b.head.value.at < a.head.value.at ? b : a), null);
    if (next === null) return;
    yield next.head.value;
    next.head = next.iterator.next();
  }
}

/** RFC 3339 with nanoseconds, as the kubelet writes it. */
const kubeletTime = (at: Instant): string => new Date(at).toISOString().replace("Z", "000000Z");
