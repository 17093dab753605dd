import { formatDuration } from "../../model/duration.ts";
import { isoSeconds } from "../../model/time.ts";
import { lastRestartAt } from "../in-flight.ts";
import { hasFailedReload, wasDone } from "../last-reload.ts";
import { frozenUntil, windowAt } from "../window.ts";
import { type BlockerRule, blocker } from "./blocker.ts";

/** Routine restarts wait for a window. */
export const outsideWindow: BlockerRule = ({ facts, urgent }) => {
  const opening = windowAt(facts.settings.policy.windows, facts.now);
  if (opening.open) return null;
  const when =
    opening.opensAt === null ? "No window opens again." : `The next window opens at ${isoSeconds(opening.opensAt)}.`;
  return blocker("OutsideWindow", when, urgent);
};

/** Routine restarts wait for the end of a freeze. */
export const frozen: BlockerRule = ({ facts, urgent }) => {
  const until = frozenUntil(facts.settings.policy.freeze, facts.now);
  return until === null ? null : blocker("Frozen", `A freeze holds until ${isoSeconds(until)}.`, urgent);
};

/** Two restarts of one gateway in quick succession cure nothing that one does not. A reload that was no cure is no restart. */
export const cooldown: BlockerRule = ({ facts }) => {
  const { lastRestart } = facts.gateway.workload;
  const last = lastRestartAt(facts.gateway.workload);
  if (last === null || hasFailedReload(lastRestart)) return null;
  const left = last + facts.settings.policy.cooldown - facts.now;
  return left > 0
    ? blocker(
        "Cooldown",
        `It was ${wasDone(lastRestart)} at ${isoSeconds(last)}; the next restart may follow in ${formatDuration(left)}.`,
      )
    : null;
};
