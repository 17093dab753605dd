import type { Verdict } from "../model/decision.ts";
import type { OutcomeResult } from "../model/last-restart.ts";
import type { GatewayReport, Report } from "./schema.ts";

/** 0: in order, or in hand. 1: something is not known. 2: a person should look now. */
export type ExitCode = 0 | 1 | 2;

const OF_VERDICT: Readonly<Record<Verdict, ExitCode>> = {
  unknown: 1,
  unfixable: 2,
  rejected: 2,
  unaffected: 0,
  expiring: 2,
  due: 0,
  verifying: 0,
  healthy: 0,
};

const OF_OUTCOME: Readonly<Record<OutcomeResult, ExitCode>> = {
  renewed: 0,
  cured: 0,
  refused: 2,
  failed: 2,
  reverted: 2,
  unproven: 1,
  // A restart that should have taken place did not; the verdict says whether that is worse.
  conflict: 1,
  deferred: 1,
};

/** What the process says to a scheduler: the worst of all clusters. Looking at nothing is not a success. */
export function exitCode(reports: readonly Report[]): ExitCode {
  return reports.length === 0 ? 1 : worst(reports.map(clusterExitCode));
}

/** A cluster that could not be looked at, or that shows no gateway, is never in order. */
export function clusterExitCode({ error, gateways }: Report): ExitCode {
  return worst([error !== null || gateways.length === 0 ? 1 : 0, ...gateways.map(gatewayExitCode)]);
}

/** What of a gateway counts; the same in a decision and in a report. */
type Judged = Pick<GatewayReport, "verdict" | "urgent"> & {
  readonly blockers: readonly Pick<GatewayReport["blockers"][number], "reason" | "waived">[];
  readonly outcome: { readonly result: OutcomeResult } | null;
};

/** The worst of verdict and outcome: the verdict is never older, and a gateway that was cured may be refused again. */
export function gatewayExitCode({ verdict, urgent, blockers, outcome }: Judged): ExitCode {
  const held = blockers.filter(({ waived }) => !waived);
  const stuck = held.some(({ reason }) => reason === "RolloutFailed") || (urgent && held.length > 0);
  return worst([OF_VERDICT[verdict], stuck ? 2 : 0, outcome === null ? 0 : OF_OUTCOME[outcome.result]]);
}

const worst = (codes: readonly ExitCode[]): ExitCode => codes.reduce((a, b) => (b > a ? b : a), 0);
