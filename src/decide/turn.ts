import { type Instant, MINUTE } from "../model/time.ts";

/** Its multiples, taken modulo 1, spread evenly whatever their distance (Weyl): the fraction of the golden ratio. */
const GOLDEN = 0.618_033_988_749_895;

/** Whose turn it is among so many, by the minute: runs at regular intervals meet each of a few within a few runs. */
export const turnOf = (count: number, now: Instant): number =>
  Math.floor(((Math.floor(now / MINUTE) * GOLDEN) % 1) * count);

/** The same items, beginning with another one. */
export const rotated = <T>(items: readonly T[], by: number): readonly T[] => [
  ...items.slice(by),
  ...items.slice(0, by),
];
