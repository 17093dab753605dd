import type { Blocker, BlockerReason } from "../model/decision.ts";
import { discoveryForbidden } from "./blockers/access.ts";
import type { BlockerContext, BlockerRule } from "./blockers/blocker.ts";
import { checkOnly, optedOut, paused } from "./blockers/consent.ts";
import { fleetHold } from "./blockers/fleet.ts";
import { lastRestartFailed } from "./blockers/last-restart.ts";
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
  lastRestartFailed,
  oneAtATime,
  canaryNotCured,
  fleetHold,
  discoveryForbidden,
];

/** What a person who asks for a restart by name takes upon themselves. Windows and freezes give way to any urgent restart. */
const WAIVED_BY_REFRESH: readonly BlockerReason[] = ["CheckOnly", "Cooldown", "LastRestartFailed", "CanaryNotCured"];

/** What holds the restart of one gateway back. */
export function blockersOf(context: BlockerContext): readonly Blocker[] {
  const blockers = BLOCKER_RULES.flatMap((rule) => rule(context) ?? []);
  if (!context.refreshed) return blockers;
  return blockers.map((one) => (WAIVED_BY_REFRESH.includes(one.reason) ? { ...one, waived: true } : one));
}
