import type { Blocker, BlockerReason } from "../../model/decision.ts";
import type { Cure } from "../../model/last-restart.ts";
import type { ReadFailure } from "../../model/read.ts";
import type { GatewayFacts } from "../facts.ts";

/** What a blocker may look at. */
export interface BlockerContext {
  readonly facts: GatewayFacts;
  /** What it is that would be held back. */
  readonly cure: Cure;
  /** Refused or near its deadline. */
  readonly urgent: boolean;
  /** A person asked for this restart by name. */
  readonly refreshed: boolean;
  /** The other gateways of the same cluster. */
  readonly others: readonly GatewayFacts[];
  /** Lists of workloads that failed: gateways may exist that nobody saw. */
  readonly unread: readonly ReadFailure[];
}

/** One rule that may hold a restart back. */
export type BlockerRule = (context: BlockerContext) => Blocker | readonly Blocker[] | null;

export const blocker = (reason: BlockerReason, message: string, waived = false): Blocker => ({
  reason,
  message,
  waived,
});
