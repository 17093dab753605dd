import type { Blocker } from "../model/decision.ts";
import { discoveryForbidden } from "./blockers/access.ts";
import type { BlockerContext, BlockerRule } from "./blockers/blocker.ts";
import { checkOnly, optedOut, paused } from "./blockers/consent.ts";
import { canaryNotCured, oneAtATime } from "./blockers/neighbours.ts";
import { riskyRestart } from "./blockers/risk.ts";
import { notFullyAvailable, rolloutFailed, rolloutInProgress } from "./blockers/rollout.ts";
import { cooldown, frozen, outsideWindow } from "./blockers/timing.ts";

/** Every rule that may hold a restart back. All are asked and all answers reported, so that one look shows all there is to mend. */
export const BLOCKER_RULES: readonly BlockerRule[] = [
  paused,
  optedOut,
  checkOnly,
  rolloutInProgress,
  rolloutFailed,
  notFullyAvailable,
  riskyRestart,
  outsideWindow,
  frozen,
  cooldown,
  oneAtATime,
  canaryNotCured,
  discoveryForbidden,
];

/** What holds the restart of one gateway back. */
export function blockersOf(context: BlockerContext): readonly Blocker[] {
  return BLOCKER_RULES.flatMap((rule) => rule(context) ?? []);
}
