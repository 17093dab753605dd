import type { Freeze, Policy, Weekday, Window } from "../model/policy.ts";
import { DAY, HOUR, MINUTE, type Millis, SECOND } from "../model/time.ts";
import { durationText } from "./duration.ts";
import type { ClusterEntry, GuardConfig } from "./schema.ts";

/**
 * What is legal and probably not meant. Never a reason to refuse: small numbers, for one, are how the guard itself is tested.
 */
export function warningsFor({ policy, clusters }: GuardConfig): string[] {
  return [
    shortProof(policy),
    frequentRestarts(policy),
    ...policy.windows.map(shortWindow),
    rareWindows(policy),
    ...policy.freeze.map((freeze, index) => longFreeze(freeze, index, policy)),
    ...clusters.map((cluster, index) => lifetimeBelowLead(cluster, index, policy)),
  ].filter((warning) => warning !== null);
}

/** An informer that is refused tries again after 40 s (APISIX informer_factory.lua), so less may see no attempt at all. */
const TWO_RETRIES: Millis = 80 * SECOND;

function shortProof({ proofPeriod }: Pick<Policy, "proofPeriod">): string | null {
  if (proofPeriod >= TWO_RETRIES) return null;
  const time = durationText(proofPeriod);
  return `policy.proofPeriod: in ${time} a gateway may not try twice (${durationText(TWO_RETRIES)}), so a clean log proves little`;
}

function frequentRestarts({ restartEvery }: Pick<Policy, "restartEvery">): string | null {
  return restartEvery >= DAY ? null : `policy.restartEvery: restarts every gateway each ${durationText(restartEvery)}`;
}

/** Guards run about once an hour. */
function shortWindow(window: Pick<Window, "from" | "to">, index: number): string | null {
  const length = (minuteOf(window.to) - minuteOf(window.from) + DAY) % DAY;
  if (length >= HOUR) return null;
  return `policy.windows[${index}]: open for ${durationText(length)}, which an hourly run may miss every time`;
}

const minuteOf = (time: string): Millis => Number(time.slice(0, 2)) * HOUR + Number(time.slice(3, 5)) * MINUTE;

const WEEK: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function rareWindows(policy: Pick<Policy, "windows" | "restartBefore" | "urgentBefore">): string | null {
  const open = policy.windows.flatMap(({ days }) => days.map((day) => WEEK.indexOf(day))).sort((a, b) => a - b);
  const gaps = open.map((day, index) => (open[index + 1] ?? (open[0] ?? 0) + WEEK.length) - day);
  const longest = Math.max(0, ...gaps) * DAY;
  if (longest <= slack(policy)) return null;
  return `policy.windows: up to ${durationText(longest)} apart, ${tooLong(policy)}`;
}

function longFreeze(
  { from, to }: Freeze,
  index: number,
  policy: Pick<Policy, "restartBefore" | "urgentBefore">,
): string | null {
  const length = Date.parse(to) - Date.parse(from) + DAY;
  return length <= slack(policy) ? null : `policy.freeze[${index}]: lasts ${durationText(length)}, ${tooLong(policy)}`;
}

/** How long a restart that is due can wait before it becomes urgent. */
const slack = (policy: Pick<Policy, "restartBefore" | "urgentBefore">): Millis =>
  policy.restartBefore - policy.urgentBefore;

const tooLong = (policy: Pick<Policy, "restartBefore" | "urgentBefore">): string =>
  `but a restart waits at most ${durationText(slack(policy))} (restartBefore less urgentBefore) and then ignores it`;

function lifetimeBelowLead(
  cluster: ClusterEntry,
  index: number,
  { restartBefore }: Pick<Policy, "restartBefore">,
): string | null {
  const { tokenLifetime } = cluster;
  if (tokenLifetime === undefined || restartBefore < tokenLifetime) return null;
  const age = durationText((tokenLifetime / 3) * 2);
  return `clusters[${index}].tokenLifetime: not longer than policy.restartBefore (${durationText(restartBefore)}), so gateways are restarted when their token is ${age} old`;
}
