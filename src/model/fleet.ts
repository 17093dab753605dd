import type { ClusterResult, Verdict } from "./decision.ts";
import type { Read } from "./read.ts";
import type { Instant } from "./time.ts";

/** Why restarts of one cluster wait for the rest of the fleet. */
export interface FleetHold {
  /** `routine`: urgent restarts do not wait; `all`: every one does. */
  readonly restarts: "routine" | "all";
  /** A sentence for the report. */
  readonly why: string;
}

export type Urgency = "urgent" | "routine";

/** What is remembered of one look at one cluster: enough to decide for a fleet of thousands in little memory. */
export interface ClusterSummary {
  readonly cluster: string;
  readonly at: Instant;
  readonly error: ClusterResult["error"];
  readonly gateways: number;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
  /** Gateways that a person should look at now. */
  readonly attention: number;
  /** Urgent restarts that something in the cluster holds back. */
  readonly urgentBlocked: number;
  /** The smallest part of a token's life that is left, 0 to 100; null: no age is known. */
  readonly minLifeLeftPercent: number | null;
  /** The next restart, that nothing in the cluster holds back; null: none. */
  readonly wants: Urgency | null;
  /** A restart of the guard's whose result is not known or not recorded; null: none. */
  readonly inFlight: { readonly urgency: Urgency; readonly since: Instant | null } | null;
  /** Results of the last day. */
  readonly ended: { readonly good: number; readonly bad: number };
}

/** A cluster whose `remediate` is to be started. */
export interface Start {
  readonly cluster: string;
  readonly hold: FleetHold | null;
}

/** What a sweep means to do in the fleet: data, like the plan of one cluster. */
export interface FleetPlan {
  readonly starts: readonly Start[];
  /** Clusters with a restart to do that wait for others. */
  readonly waiting: readonly { readonly cluster: string; readonly wants: Urgency; readonly why: string }[];
}

/** What a sweep saw and did. */
export interface FleetResult {
  readonly at: Instant;
  readonly summaries: readonly ClusterSummary[];
  readonly plan: FleetPlan;
  readonly started: readonly (Start & { readonly answer: Read<null> })[];
}
