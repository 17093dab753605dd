import type { Verdict } from "../model/decision.ts";
import type { Cure } from "../model/last-restart.ts";
import type { Millis } from "../model/time.ts";
import { ageing } from "./checks/age.ts";
import { namePods } from "./checks/check.ts";
import type { GatewayFacts, RunningPod } from "./facts.ts";
import { hasFailedReload } from "./last-reload.ts";

/** What is to be done about a gateway. */
export interface ChosenCure {
  readonly cure: Cure;
  /** Why it is restarted where the policy asks for reloads; null: it is not. */
  readonly why: string | null;
}

/** Old tokens. One that is refused is another matter: see `chooseCure`. */
const RELOADED: readonly Verdict[] = ["due", "expiring"];

/**
 * Whether to replace the pods of a gateway, or in each of them the process that holds the token. A reload takes no pod away and cuts
 * no connection, but is a cure only of what it is known to cure: a token that is old, and not refused, in memory of a process that
 * tells of itself, beside a file with a newer one. Of a gateway that was refused, versions before 3.15 keep the endpoints of services
 * that were deleted meanwhile, and only a new process tree forgets them (APISIX informer_factory.lua, pre_List and post_List).
 */
export function chooseCure(facts: GatewayFacts, verdict: Verdict): ChosenCure {
  if (facts.settings.policy.cure !== "reload") return { cure: "restart", why: null };
  const why = whyNoReload(facts, verdict);
  return why === null ? { cure: "reload", why } : { cure: "restart", why: `It is restarted, not reloaded: ${why}` };
}

function whyNoReload(facts: GatewayFacts, verdict: Verdict): string | null {
  const { running, gateway, observedAt } = facts;
  if (!RELOADED.includes(verdict)) {
    return "of services that were deleted while its token was refused, it would keep the endpoints.";
  }
  const last = gateway.workload.lastRestart;
  if (hasFailedReload(last)) return `its last reload ended ${last.result}.`;
  const silent = running.filter(({ pod, probeDoubt }) => !pod.probe?.ok || probeDoubt !== null);
  if (silent.length > 0) return `the probe does not tell which process of ${namePods(silent)} holds the token.`;
  const stale = ageing(facts).filter((pod) => pod.times.dueAt + gainOf(pod) <= observedAt);
  return stale.length === 0 ? null : `the token in the file of ${namePods(stale)} is as old. Look at the kubelet.`;
}

/** How much later the token in the file was issued, and will be due, than the one in memory. */
const gainOf = ({ pod: { probe }, token: { issuedAt } }: RunningPod): Millis =>
  probe?.ok && issuedAt !== null ? probe.value.claims.issuedAt - issuedAt.earliest : 0;
