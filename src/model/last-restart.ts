import type { Instant, Millis } from "./time.ts";

/** How a restart ended; see the runbook for each. */
export const OUTCOME_RESULTS = [
  "renewed",
  "cured",
  "refused",
  "failed",
  "reverted",
  "unproven",
  "conflict",
  "deferred",
] as const;
export type OutcomeResult = (typeof OUTCOME_RESULTS)[number];

/**
 * What is done to a gateway. `restart`: its pods are replaced. `reload`: in every pod the process that holds the token is replaced, and
 * reads the token file again.
 */
export const CURES = ["restart", "reload"] as const;
export type Cure = (typeof CURES)[number];

/** A lifetime that one cure has shown. A refusal may have other causes than age, so alone it counts for nothing. */
export interface Suspicion {
  /** When the guard patched the workload for the restart that cured. */
  readonly at: Instant;
  readonly lifetime: Millis;
}

/** The guard's only memory: one annotation on the workload. Anybody may have written it, so it may also be unreadable. */
export type LastRestart =
  | { readonly state: "none" }
  | { readonly state: "unreadable"; readonly why: string }
  | {
      readonly state: "known";
      /** When the guard patched the workload: the same moment as `restartedAt` in the template, if it was a restart. */
      readonly at: Instant;
      /** The reason of the decision that led to it. */
      readonly reason: string;
      /** Left out: it was a restart. */
      readonly cure?: Cure | undefined;
      /** null: not known yet. */
      readonly result: OutcomeResult | null;
      /** How long the cluster's tokens live, as two restarts that cured have shown; carried from note to note. null: none have. */
      readonly lifetime: Millis | null;
      /** What the last restart that cured has shown of it; carried from note to note until another cure confirms or replaces it. */
      readonly suspected?: Suspicion | null | undefined;
      /** What this restart shows of it, should it cure; it counts for nothing before. */
      readonly lifetimeIfCured?: Millis | null | undefined;
      /** When a reload was ordered that was no cure; carried from note to note until one is. null: there was none. */
      readonly reloadFailedAt?: Instant | null | undefined;
    };
