import type { InformerFailure, InformerLine } from "../model/log.ts";

/**
 * Lines kept of each failure, besides the newest. A window of 140 s holds four per informer, so this is room for sixty clusters; more
 * can only come from something that is broken in another way.
 */
export const MAX_KEPT_LINES = 256;

export interface KeptLines {
  add(line: InformerLine): void;
  /** In the order of their timestamps. */
  all(): InformerLine[];
}

interface Sample {
  readonly lines: readonly InformerLine[];
  /** Every so manieth line is kept. */
  readonly stride: number;
  readonly seen: number;
  readonly newest: InformerLine;
}

/**
 * Keeps a bounded number of lines. Beyond `MAX_KEPT_LINES` of one failure it keeps every second one, then every fourth, and so on: the
 * count becomes a lower bound, while the oldest and the newest stay exact and the others stay spread evenly over the whole time.
 * Failures do not compete, so a flood of one kind cannot push out the few lines that matter.
 */
export function keptLines(): KeptLines {
  const samples = new Map<InformerFailure, Sample>();
  return {
    add(line) {
      const { lines, stride, seen } = samples.get(line.failure) ?? { lines: [], stride: 1, seen: 0 };
      const kept = seen % stride === 0 ? [...lines, line] : lines;
      const full = kept.length > MAX_KEPT_LINES;
      samples.set(line.failure, {
        lines: full ? kept.filter((_, index) => index % 2 === 0) : kept,
        stride: full ? stride * 2 : stride,
        seen: seen + 1,
        newest: line,
      });
    },
    all: () =>
      [...samples.values()]
        .flatMap(({ lines, newest }) => (lines.at(-1) === newest ? lines : [...lines, newest]))
        .sort((a, b) => a.at - b.at),
  };
}
