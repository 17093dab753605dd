import type { Blocker, Verdict } from "../model/decision.ts";
import type { RestartProgress } from "../model/outcome.ts";
import { type Instant, type Millis, SECOND } from "../model/time.ts";
import { ageChanges } from "./checks/age.ts";
import type { GatewayFacts } from "./facts.ts";
import { lastRestartAt, RESTART_MEMORY } from "./in-flight.ts";
import { frozenUntil, windowAt } from "./window.ts";

/** How long a rollout is left alone before it is looked at again. */
export const ROLLOUT_POLL: Millis = 15 * SECOND;

interface Found {
  readonly verdict: Verdict;
  readonly blockers: readonly Blocker[];
  readonly progress: RestartProgress;
}

/**
 * When a gateway is worth another look: soon while a restart of ours is under way, else when the verdict, or what holds its restart
 * back, changes by the passing of time alone; null: not by time.
 */
export function nextChange(facts: GatewayFacts, { verdict, blockers, progress }: Found): Instant | null {
  if (progress.state === "rolling") return facts.now + ROLLOUT_POLL;
  if (progress.state === "proving") return progress.until;
  if (verdict === "unaffected" || verdict === "unknown") return null;
  const ends = blockers.filter(({ waived }) => !waived).map((held) => endOf(held, facts));
  const coming = [...ageChanges(facts), ...ends].filter((moment) => moment !== null && moment > facts.now) as Instant[];
  return coming.length === 0 ? null : Math.min(...coming);
}

function endOf({ reason }: Blocker, { settings: { policy }, now, gateway }: GatewayFacts): Instant | null {
  switch (reason) {
    case "OutsideWindow": {
      const opening = windowAt(policy.windows, now);
      return opening.open ? null : opening.opensAt;
    }
    case "Frozen":
      return frozenUntil(policy.freeze, now);
    case "Cooldown": {
      const last = lastRestartAt(gateway.workload);
      return last === null ? null : last + policy.cooldown;
    }
    case "LastRestartFailed": {
      const last = lastRestartAt(gateway.workload);
      return last === null ? null : last + RESTART_MEMORY;
    }
    default:
      return null;
  }
}
