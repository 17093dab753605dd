import { formatDuration } from "../model/duration.ts";
import type { Cure } from "../model/last-restart.ts";
import { isoSeconds, type Millis } from "../model/time.ts";
import { ageing } from "./checks/age.ts";
import { namePods } from "./checks/check.ts";
import { deadlineOf, type GatewayFacts, type RunningPod } from "./facts.ts";
import { failedReload } from "./last-reload.ts";

/** What is to be done about a gateway. */
export interface ChosenCure {
  readonly cure: Cure;
  /** Why it is restarted where the policy asks for reloads; null: it is not. */
  readonly why: string | null;
}

/**
 * Whether to replace the pods of a gateway, or in each of them the process that holds the token. A reload takes no pod away and cuts
 * no connection, but is a cure only of what it is known to cure: a token that is old and for certain not refused, in memory of a process
 * that tells of itself, beside a file with a newer one. Of a gateway that was refused, versions before 3.15 keep the endpoints of services
 * that were deleted meanwhile, and only a new process tree forgets them (APISIX informer_factory.lua, pre_List and post_List): reloaded,
 * it would look cured and not be.
 */
export function chooseCure(facts: GatewayFacts): ChosenCure {
  if (facts.settings.policy.cure !== "reload") return { cure: "restart", why: null };
  const why = mayBeRefused(facts) ?? mayNotHelp(facts);
  return why === null ? { cure: "reload", why } : { cure: "restart", why: `It is restarted, not reloaded: ${why}` };
}

/** A refusal shows in the log up to 47 minutes after it begins (an informer's watch outlives its token): past the deadline any may. */
function mayBeRefused(facts: GatewayFacts): string | null {
  const { running, gateway, observedAt } = facts;
  const keeps = "and of services that were deleted while it was, a reload would keep the endpoints.";
  const rejecting = running.filter(({ rejections }) => rejections.lines > 0);
  if (rejecting.length > 0) return `${namePods(rejecting)} logged a refusal, ${keeps}`;
  const over = running.filter((pod) => observedAt >= deadlineOf(pod));
  if (over.length > 0) return `the token of ${namePods(over)} may be refused by now, ${keeps}`;
  const { config } = gateway;
  const hidden = config !== null && (!config.ok || config.value.hidesErrors);
  const dark = ageing(facts).filter(({ log }) => hidden || log !== "covered");
  return dark.length === 0
    ? null
    : `the log of ${namePods(dark)} does not show that its token is not refused, ${keeps}`;
}

function mayNotHelp(facts: GatewayFacts): string | null {
  const { gateway, now, observedAt } = facts;
  const pods = ageing(facts);
  const failedAt = failedReload(gateway.workload.lastRestart, now);
  if (failedAt !== null) return `its last reload, at ${isoSeconds(failedAt)}, was no cure.`;
  const sharing = pods.filter(({ pod }) => pod.sharesProcesses);
  if (sharing.length > 0) return `${namePods(sharing)} can see and end the processes of other containers.`;
  const silent = pods.filter(({ pod, probeDoubt }) => !pod.probe?.ok || probeDoubt !== null);
  if (silent.length > 0) return `the probe does not tell which process of ${namePods(silent)} holds the token.`;
  const stuck = pods.filter((pod) => fileAge(pod, observedAt) > pod.renewedWithin);
  if (stuck.length > 0)
    return `the kubelet does not renew the token in the file of ${namePods(stuck)}. Look at the kubelet.`;
  const early = pods.filter((pod) => pod.times.dueAt + gainOf(pod) <= observedAt);
  const [first] = early;
  return first === undefined
    ? null
    : `the token in the file of ${namePods(early)} is as old; the kubelet renews it ${formatDuration(first.renewedWithin)} after its issue.`;
}

const fileAge = ({ pod: { probe } }: RunningPod, now: number): Millis =>
  probe?.ok ? now - probe.value.claims.issuedAt : Number.POSITIVE_INFINITY;

/** How much later the token in the file was issued, and will be due, than the one in memory. */
const gainOf = ({ pod: { probe }, token: { issuedAt } }: RunningPod): Millis =>
  probe?.ok && issuedAt !== null ? probe.value.claims.issuedAt - issuedAt.earliest : 0;
