import type { GatewayObservation } from "../model/observation.ts";
import { HOUR, type Millis, SECOND } from "../model/time.ts";
import { SHORTEST_LIFETIME } from "../model/token.ts";
import { configuredClusters } from "./checks/discovery.ts";
import { deadlineOf, type GatewayFacts, type RunningPod } from "./facts.ts";
import { INJECTED_EXPIRATION_SECONDS } from "./lifetime.ts";

/** A watch lasts up to 1800 + 999 s and shows its token only when it begins (APISIX informer_factory.lua). */
const LONGEST_WATCH: Millis = 2_799 * SECOND;

/**
 * Guards look about once an hour. Nothing tells when a gateway was last seen well, so its refusals may be that old; where looks are
 * rarer, what is learned is too long by as much, and the third of a lifetime by which a restart comes early makes up for it.
 */
const BETWEEN_LOOKS: Millis = HOUR;

/**
 * What a restart of this refused gateway would show of the lifetime, if it cured (confirmed.ts says when that counts): its youngest refused token has lived no longer than
 * from the start of its container, or a reload since, to its first refusal in the log. The earliest moment at which that refusal may
 * have begun counts, in whole hours, as a person would write it.
 *
 * @param others the other gateways of the cluster
 * @returns null when the refusal teaches nothing: the lifetime known so far explains it, the cause may be another than age, or the
 * tokens live too short for restarts
 */
export function lifetimeIfCured(facts: GatewayFacts, others: readonly GatewayFacts[]): Millis | null {
  if (configuredClusters(facts) > 1) return null;
  const ages = facts.refused.flatMap((pod) => ageWhenRefused(pod, facts.gateway) ?? []);
  if (ages.length === 0) return null;
  const age = Math.min(...ages);
  if (age < SHORTEST_LIFETIME || [facts, ...others].some((one) => isAcceptedBeyond(age, one))) return null;
  const earliest = Math.floor((age - LONGEST_WATCH - BETWEEN_LOOKS) / HOUR) * HOUR;
  return Math.max(SHORTEST_LIFETIME, earliest);
}

/**
 * null: a refusal of this token would be no matter of age, or comes when it was expected. A token ends with the ServiceAccount it was
 * issued for: one of the same name has another UID (kubernetes, pkg/serviceaccount/claims.go, Validate).
 */
function ageWhenRefused(pod: RunningPod, { accountCreatedAt }: GatewayObservation): Millis | null {
  const { firstAt } = pod.rejections;
  const growsOld = pod.reading === "once" || pod.reading === "unknown";
  if (!growsOld || !isInjected(pod) || firstAt === null || firstAt >= deadlineOf(pod)) return null;
  if (accountCreatedAt !== null && accountCreatedAt > pod.readAt) return null;
  return firstAt - pod.readAt;
}

/** Whether an older token is seen to be accepted: then age is not what a younger one is refused for. */
function isAcceptedBeyond(age: Millis, { gateway: { config }, running, observedAt }: GatewayFacts): boolean {
  if (!config?.ok || config.value.discovery.state !== "on" || config.value.hidesErrors) return false;
  return running.some(
    (pod) =>
      pod.reading === "once" &&
      isInjected(pod) &&
      pod.log === "covered" &&
      pod.rejections.lines === 0 &&
      observedAt - pod.readAt - LONGEST_WATCH > age,
  );
}

const isInjected = ({ pod: { token } }: RunningPod): boolean =>
  token.kind === "projected" && token.expirationSeconds === INJECTED_EXPIRATION_SECONDS;
