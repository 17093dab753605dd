import { type Instant, MINUTE } from "../model/time.ts";

/**
 * Whose turn it is among so many, by the minute. Multiplied (Knuth's constant for 32 bits), so that runs at regular intervals do
 * not meet the same one again and again.
 */
export const turnOf = (count: number, now: Instant): number =>
  (Math.imul(Math.floor(now / MINUTE), 2_654_435_761) >>> 8) % count;
