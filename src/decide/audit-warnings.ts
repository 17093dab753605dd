import type { ClusterObservation } from "../model/observation.ts";
import { HOUR, type Instant, isoSeconds, MINUTE, type Millis } from "../model/time.ts";
import type { AuditDoubt } from "./audited-issue.ts";
import type { GatewayFacts, PodFacts, RunningPod } from "./facts.ts";

const DOUBTS: Readonly<Record<AuditDoubt, string>> = {
  "in-future": "shows requests in the future, which are left out: it is another cluster's, or a clock is off",
  "before-pod": "gives an issue time from before the pod was created, which is left out",
  "before-start":
    "says that its token is older than its container's start allows: the kubelet cannot have renewed the file in time. The older age counts",
  "after-start":
    "says that its token was issued after its container started: nginx was reloaded, or another program in the pod uses one. The older age counts",
};

/** What is odd about the audit log's word on a gateway's pods. */
export function doubtWarnings(pods: readonly PodFacts[]): readonly string[] {
  return (Object.keys(DOUBTS) as AuditDoubt[]).flatMap((doubt) => {
    const [first, ...others] = pods.filter(({ auditDoubt }) => auditDoubt === doubt);
    if (first === undefined) return [];
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return [`Pod ${first.pod.name}${more}: the audit log ${DOUBTS[doubt]}.`];
  });
}

/** A gateway that is refused asks every 40 s, and logs arrive with some minutes' delay. */
const RECENT_REFUSAL: Millis = 10 * MINUTE;

/** In so long every informer has sent a request with a token that is stale. */
const SEEN_BY_THEN: Millis = 2 * HOUR;

/** What a person should know of the audit log of a cluster: what it lacks, and refusals that no gateway accounts for. */
export function auditWarnings({ audit, at }: ClusterObservation, gateways: readonly GatewayFacts[]): readonly string[] {
  if (audit === null) return [];
  if (!audit.ok) {
    return [`The audit log could not be read, so token ages come from container starts: ${audit.failure.message}`];
  }
  const { refused, gaps, oldestAt, newestAt } = audit.value;
  const telling = gateways.filter(discovers).flatMap(({ running }) => running.filter((pod) => isExpected(pod, at)));
  const unseen = telling.filter(({ token, auditDoubt }) => token.evidence === "container-start" && auditDoubt === null);
  const recent = refused.filter(({ lastAt }) => at - lastAt <= RECENT_REFUSAL);
  const warnings = gaps.map((gap) => `A part of the audit log was not read: ${gap}`);
  if (unseen.length > 0) {
    warnings.push(
      `The audit log (${span(oldestAt, newestAt)}) does not tell how old the tokens of ${unseen.length} of ${telling.length} pods are; their age comes from ` +
        "their containers' start.",
    );
  }
  if (recent.length > 0 && gateways.every((gateway) => gateway.refused.length === 0)) {
    const count = recent.reduce((sum, { requests }) => sum + requests, 0);
    const newest = Math.max(...recent.map(({ lastAt }) => lastAt));
    warnings.push(
      `The audit log shows ${count} requests of discovery informers that were refused (401), the newest at ${isoSeconds(newest)}, and no ` +
        "gateway's log shows any: look for a gateway whose error log is not on its container's output.",
    );
  }
  return warnings;
}

/** Others have no informer that would be in the log. */
const discovers = ({ gateway: { config } }: GatewayFacts): boolean =>
  config?.ok === true && config.value.discovery.state === "on";

/** A version that reads its token anew has none that is stale. */
const isExpected = ({ reading, startedAt }: RunningPod, at: Instant): boolean =>
  reading === "once" && startedAt < at - SEEN_BY_THEN;

const span = (from: Instant | null, to: Instant | null): string =>
  from === null || to === null ? "no events" : `${isoSeconds(from)} to ${isoSeconds(to)}`;
