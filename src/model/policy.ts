import type { FleetHold } from "./fleet.ts";
import type { Cure } from "./last-restart.ts";
import type { Millis } from "./time.ts";
import type { GatewayRef } from "./workload.ts";

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** When routine restarts may happen. `to` before `from` means the window ends on the next day. */
export interface Window {
  readonly days: readonly Weekday[];
  /** `HH:MM`, 24 hours, local to `timeZone`. */
  readonly from: string;
  readonly to: string;
  /** IANA name, `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Days on which no routine restart happens, both included. */
export interface Freeze {
  /** `YYYY-MM-DD` */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

/** Restarts that can do harm; each is refused until the policy names it. */
export type Risk = "recreate" | "onDelete" | "partition" | "configChanged" | "standalone" | "latest";

/** When to restart. All lengths in milliseconds. */
export interface Policy {
  /** What is done about a token that is old and not refused; where a reload is no cure, the gateway is restarted all the same. */
  readonly cure: Cure;
  /** Restart when the oldest token is this old. */
  readonly restartEvery: Millis;
  /** Restart this long before the deadline, clipped to a third of the lifetime. */
  readonly restartBefore: Millis;
  /** From here on windows and freezes no longer hold a restart back; clipped to a ninth of the lifetime. */
  readonly urgentBefore: Millis;
  /** At least this long between two restarts of one gateway. */
  readonly cooldown: Millis;
  /** How long new logs must stay clean to count as cured: two informer retries of 40 s and slack. */
  readonly proofPeriod: Millis;
  /** Empty: any time. */
  readonly windows: readonly Window[];
  readonly freeze: readonly Freeze[];
  readonly allowRisky: readonly Risk[];
}

export interface DecisionSettings {
  readonly policy: Policy;
  /** `check`: decide and report, never restart. */
  readonly mode: "check" | "remediate";
  /** Configured token lifetime of this cluster. */
  readonly tokenLifetime: Millis | null;
  /** A person asks for the restart of this gateway now, whatever the verdict; of no other. */
  readonly refresh?: GatewayRef | undefined;
  /** What the state of the fleet holds back; null or missing: nothing. */
  readonly hold?: FleetHold | null | undefined;
}
