import { type Millis, SECOND } from "../model/time.ts";
import type { Progress } from "../ports.ts";
import { printable } from "../report/printable.ts";

/** A person who waits shorter than this needs no explanation. */
const PATIENCE: Millis = 2 * SECOND;
/** On a terminal the one line is rewritten; a log gets a new line, seldom. */
const REWRITE_EVERY: Millis = SECOND / 5;
const REPEAT_EVERY: Millis = 10 * SECOND;

const CLEAR_LINE = "\r\x1b[2K";

export interface ProgressLine {
  readonly report: Progress;
  /** Takes the line away; nothing is shown after that. */
  readonly stop: () => void;
}

/** Where progress is shown. */
export interface ProgressTarget {
  readonly write: (text: string) => void;
  /** A terminal on which a line can be rewritten. */
  readonly rewrites: boolean;
  /** Columns. */
  readonly width: number;
}

/** Says what is being read once somebody has waited for two seconds. */
export function showProgress({ write, rewrites, width }: ProgressTarget): ProgressLine {
  let text = "connecting";
  let shown = false;
  let repeat: NodeJS.Timeout | undefined;
  const show = () => {
    write(rewrites ? `${CLEAR_LINE}${printable(text, width - 1)}` : `${printable(text, width)}\n`);
    shown = true;
  };
  const first = setTimeout(() => {
    show();
    repeat = setInterval(show, rewrites ? REWRITE_EVERY : REPEAT_EVERY);
  }, PATIENCE);
  return {
    report: ({ cluster, what, done, total }) => {
      text = `reading ${cluster}: ${what} ${done}/${total}`;
    },
    stop: () => {
      clearTimeout(first);
      clearInterval(repeat);
      if (shown && rewrites) write(CLEAR_LINE);
      shown = false;
    },
  };
}
