import type { Freeze, Policy, Window } from "../model/policy.ts";
import type { Millis } from "../model/time.ts";
import { DAY } from "../model/time.ts";
import { durationText } from "./duration.ts";

/**
 * Combinations that can do nothing sensible. Each rule gets values that are sound one by one, and answers null or what is wrong
 * with them together, with the key to change. What is only unwise is a warning (warnings.ts); lead times beyond a third or a
 * ninth of a lifetime are neither, they are clipped and the report says so.
 */
export interface Finding {
  /** Below the value that the rule was given. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Urgent restarts ignore windows and freezes: were everything due also urgent, these would never hold. */
export function becomesUrgentAfterDue(policy: Pick<Policy, "urgentBefore" | "restartBefore">): Finding | null {
  if (policy.urgentBefore < policy.restartBefore) return null;
  const limit = `shorter than restartBefore (${durationText(policy.restartBefore)})`;
  return {
    path: ["urgentBefore"],
    message: `${limit}: otherwise every restart is urgent and no window or freeze holds`,
  };
}

/** A second restart must not start before the first has been judged: that would be a restart loop. */
export function cooldownOutlastsProof(policy: Pick<Policy, "cooldown" | "proofPeriod">): Finding | null {
  if (policy.cooldown >= policy.proofPeriod) return null;
  const limit = `at least proofPeriod (${durationText(policy.proofPeriod)})`;
  return { path: ["cooldown"], message: `${limit}: otherwise a gateway is restarted again before the proof is there` };
}

/** An interval below the cooldown could never be kept. */
export function intervalOutlastsCooldown(policy: Pick<Policy, "restartEvery" | "cooldown">): Finding | null {
  if (policy.cooldown < policy.restartEvery) return null;
  const limit = `longer than cooldown (${durationText(policy.cooldown)})`;
  return { path: ["restartEvery"], message: `${limit}: otherwise the cooldown forbids every restart that is due` };
}

/** The result of a restart is awaited for a day and then counts as never known. */
export function proofEndsInTime(policy: Pick<Policy, "proofPeriod">): Finding | null {
  if (policy.proofPeriod < DAY) return null;
  return { path: ["proofPeriod"], message: "shorter than 1d: the result of a restart is awaited no longer than that" };
}

/** A token that ends within the cooldown is refused with nobody allowed to restart. */
export function tokenOutlivesCooldown(config: {
  readonly clusters: readonly { readonly tokenLifetime?: Millis | undefined }[];
  readonly policy: Pick<Policy, "cooldown">;
}): Finding | null {
  const { cooldown } = config.policy;
  const index = config.clusters.findIndex(
    ({ tokenLifetime }) => tokenLifetime !== undefined && tokenLifetime <= cooldown,
  );
  if (index === -1) return null;
  const limit = `longer than policy.cooldown (${durationText(cooldown)})`;
  return {
    path: ["clusters", index, "tokenLifetime"],
    message: `${limit}: otherwise a token ends while restarts rest`,
  };
}

/**
 * Only the probe tells which process holds the token, and whether it is another one afterwards; and only the log that the token is not
 * refused already.
 */
export function reloadNeedsEvidence(config: {
  readonly policy: Pick<Policy, "cure">;
  readonly evidence: { readonly probe: boolean; readonly logs: boolean };
}): Finding | null {
  const { probe, logs } = config.evidence;
  if (config.policy.cure !== "reload" || (probe && logs)) return null;
  return {
    path: ["policy", "cure"],
    message: "restart, as long as evidence.probe and evidence.logs are not both true",
  };
}

/** Clusters are told apart by the account of their role: with two accounts the sweep would find others than remediate is started for. */
export function readsWhereItRestarts(config: {
  readonly clusters: readonly { readonly roleArn?: string | undefined; readonly readRoleArn?: string | undefined }[];
}): Finding | null {
  const index = config.clusters.findIndex(
    ({ roleArn, readRoleArn }) => readRoleArn !== undefined && accountOf(readRoleArn) !== accountOf(roleArn),
  );
  if (index === -1) return null;
  const message =
    "a role of the same account as roleArn, which stands beside it: remediate and refresh assume that one";
  return { path: ["clusters", index, "readRoleArn"], message };
}

const accountOf = (roleArn: string | undefined): string | undefined => roleArn?.split(":")[4];

export function windowOpens(window: Pick<Window, "from" | "to">): Finding | null {
  if (window.from !== window.to) return null;
  const whole = 'for a whole day write from: "00:00", to: "23:59"';
  return { path: ["to"], message: `another time than from, otherwise the window never opens; ${whole}` };
}

export function freezeEndsAfterStart(freeze: Pick<Freeze, "from" | "to">): Finding | null {
  if (freeze.from <= freeze.to) return null;
  return { path: ["to"], message: `the same day as from (${freeze.from}) or a later one` };
}

/** The first text that stands twice. */
export function noneTwice(texts: readonly unknown[]): Finding | null {
  const index = texts.findIndex((text, place) => typeof text === "string" && texts.indexOf(text) < place);
  return index === -1
    ? null
    : { path: [index], message: `named once: it already stands at [${texts.indexOf(texts[index])}]` };
}

/** Reports, metrics and alarms tell clusters apart by name alone. Entries may be of any shape: the others are judged elsewhere. */
export function clustersNamedOnce(clusters: readonly unknown[]): Finding | null {
  const names = clusters.map((entry) =>
    typeof entry === "object" && entry !== null && "name" in entry ? entry.name : null,
  );
  const twice = noneTwice(names);
  return twice && { ...twice, path: [...twice.path, "name"] };
}
