import type { Blocker, Verdict } from "../model/decision.ts";
import type { Instant } from "../model/time.ts";
import { nextAgeChange } from "./checks/age.ts";
import type { GatewayFacts } from "./facts.ts";
import { lastRestartAt } from "./in-flight.ts";
import { frozenUntil, windowAt } from "./window.ts";

/** When the verdict on a gateway, or what holds its restart back, will change by the passing of time alone; null: not by time. */
export function nextChange(facts: GatewayFacts, verdict: Verdict, blockers: readonly Blocker[]): Instant | null {
  if (verdict === "unaffected" || verdict === "unknown") return null;
  const moments = [nextAgeChange(facts), ...blockers.filter(({ waived }) => !waived).map((held) => endOf(held, facts))];
  const coming = moments.filter(
    (moment) => moment !== null && Number.isFinite(moment) && moment > facts.now,
  ) as Instant[];
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
    default:
      return null;
  }
}
