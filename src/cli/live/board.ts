import { printable } from "../../report/printable.ts";
import type { ProgressTarget } from "../progress.ts";

/** Longer than any sentence of ours; where nothing is rewritten, a line need not fit one of the terminal. */
const LONGEST_LINE = 1_000;

/** Where a person follows what is going on: sentences that stay, and under them what is under way. */
export interface Board {
  /** A sentence that stays. */
  readonly say: (text: string) => void;
  /** What is under way now, a line each. */
  readonly show: (lines: readonly string[]) => void;
  /** Takes away what is under way. */
  readonly clear: () => void;
}

/** On a terminal the lines under way are rewritten in place; elsewhere each is printed when it is new. */
export function createBoard({ write, rewrites, width }: ProgressTarget): Board {
  let shown: readonly string[] = [];
  const erase = () => {
    // To the first column of the first line of the block, and everything below away.
    if (rewrites && shown.length > 0) write(`\x1b[${shown.length}F\x1b[0J`);
  };
  const draw = (lines: readonly string[]) => {
    // A line that fills the width would wrap on some terminals, and the block would be higher than counted.
    for (const line of lines) write(`${printable(line, rewrites ? width - 1 : LONGEST_LINE)}\n`);
  };
  return {
    say: (text) => {
      erase();
      write(`${printable(text, LONGEST_LINE)}\n`);
      if (rewrites) draw(shown);
    },
    show: (lines) => {
      const before = shown;
      if (lines.length === before.length && lines.every((line, index) => line === before[index])) return;
      erase();
      shown = lines;
      draw(rewrites ? lines : lines.filter((line) => !before.includes(line)));
    },
    clear: () => {
      erase();
      shown = [];
    },
  };
}
