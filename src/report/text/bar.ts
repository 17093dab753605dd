import type { Instant } from "../../model/time.ts";
import type { Palette, Style } from "./palette.ts";

/** The life of a token: issued at the left bracket, refused at the right one. */
export interface Life {
  readonly issuedAt: Instant;
  readonly deadline: Instant;
  /** null: not known, or not by age. */
  readonly dueAt: Instant | null;
  readonly now: Instant;
}

const USED = "█";
const LEFT = "·";
const DUE = "|";

/**
 * A bar of `cells` cells between brackets: how much of its life the token has used, and where a restart becomes due. It is full
 * only when the life is over.
 */
export function lifeBar(
  { issuedAt, deadline, dueAt, now }: Life,
  cells: number,
  filled: Style,
  paint: Palette,
): string {
  const cellOf = (moment: Instant) => {
    if (moment >= deadline) return cells;
    const cell = Math.floor(((moment - issuedAt) / (deadline - issuedAt)) * cells);
    return Math.min(cells - 1, Math.max(0, cell));
  };
  const used = cellOf(now);
  const run = (from: number, to: number) =>
    filled(USED.repeat(Math.max(0, Math.min(used, to) - from))) +
    paint.dim(LEFT.repeat(Math.max(0, to - Math.max(used, from))));
  if (dueAt === null) return `[${run(0, cells)}]`;
  const due = Math.min(cellOf(dueAt), cells - 1);
  return `[${run(0, due)}${paint.bold(DUE)}${run(due + 1, cells)}]`;
}
