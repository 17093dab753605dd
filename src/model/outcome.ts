import type { Cure, OutcomeResult } from "./last-restart.ts";
import type { Instant } from "./time.ts";

/** What came of a restart, or of the attempt at one. */
export interface Outcome {
  readonly result: OutcomeResult;
  /** Left out: of a restart. */
  readonly cure?: Cure | undefined;
  /** The moment written into the template; null: nothing was written. */
  readonly restartedAt: Instant | null;
  /** When the result became known; null: it rests on no proof. */
  readonly provenAt: Instant | null;
  readonly message: string;
}

/** How far a restart of the guard's has come. */
export type RestartProgress =
  /** None awaits its result. */
  | { readonly state: "none" }
  /** New pods replace the old ones. */
  | { readonly state: "rolling" }
  /** All pods are new; their logs tell more at `until`. */
  | { readonly state: "proving"; readonly until: Instant }
  | { readonly state: "ended"; readonly outcome: Outcome };
