import { formatDuration } from "../../model/duration.ts";
import { HOUR, isoSeconds } from "../../model/time.ts";
import { SHORTEST_LIFETIME } from "../../model/token.ts";
import { deadlineOf, type GatewayFacts, type RunningPod } from "../facts.ts";
import { type Check, type Finding, namePods } from "./check.ts";
import { configuredClusters, isDiscoveryOff } from "./discovery.ts";

/**
 * A pod that is refused within this time of its creation was given a token that is not accepted: another restart would do the
 * same again. Half of the shortest lifetime seen in the field (24 h).
 */
const NEW_POD = 12 * HOUR;

const UPGRADE =
  "Upgrade APISIX to 3.13.0 or later (chart 2.11.0 or later), which reads the token anew for every request.";

const unfixable = (reason: Finding["reason"], message: string): Finding => ({ verdict: "unfixable", reason, message });

/** The token lives too short for restarts. */
export const lifetimeTooShort: Check = (facts) => {
  const short = facts.running.find(
    ({ reading, token }) =>
      (reading === "once" || reading === "unknown") &&
      token.lifetime !== null &&
      token.lifetime.millis < SHORTEST_LIFETIME,
  );
  if (short?.token.lifetime == null || isDiscoveryOff(facts)) return null;
  const lifetime = formatDuration(short.token.lifetime.millis);
  return unfixable(
    "LifetimeTooShort",
    `Its token lives ${lifetime}, too short for any schedule of restarts. ${UPGRADE} Or remove the explicit expirationSeconds of ` +
      "the token volume: only the injected 3607 is extended by the API server.",
  );
};

/** A refused pod is too new for its token to have expired. */
export const refusedWhenNew: Check = ({ refused, observedAt }) => {
  const young = refused.filter(({ pod }) => pod.createdAt === null || observedAt - pod.createdAt < NEW_POD);
  return young.length === 0
    ? null
    : unfixable(
        "RefusedWhenNew",
        `The token of ${namePods(young)} is refused although the pod is younger than ${formatDuration(NEW_POD)}: a new token is ` +
          "refused as well. Check that the ServiceAccount still exists, the token's audience, and the clocks.",
      );
};

/** The guard's last restart of this very template ended in refusals. */
export const restartDidNotHelp: Check = ({ refused, gateway: { workload } }) => {
  const last = workload.lastRestart;
  if (refused.length === 0 || last.state !== "known" || last.result !== "refused") return null;
  if (workload.template.restartedAt !== isoSeconds(last.at)) return null;
  return unfixable(
    "RestartDidNotHelp",
    `It was restarted at ${isoSeconds(last.at)} and its new pods were refused as well. Check that the ServiceAccount still exists, ` +
      "the token's audience, and the clocks.",
  );
};

/** This version reads the token for every request, so age is not the cause. */
export const versionRereadsToken: Check = ({ refused }) => {
  const rereading = refused.filter(({ reading }) => reading === "every-request");
  return rereading.length === 0
    ? null
    : unfixable(
        "VersionRereadsToken",
        `The token of ${namePods(rereading)} is refused although this version reads it anew for every request, so age is not the ` +
          "cause. Check the token file, that the ServiceAccount still exists, and the token's audience.",
      );
};

/** The token file itself cannot be read. */
export const tokenFileUnreadable: Check = ({ refused }) => {
  const broken = refused.filter(({ rejections }) => rejections.tokenFileUnreadable);
  return broken.length === 0
    ? null
    : unfixable(
        "TokenFileUnreadable",
        `APISIX in ${namePods(broken)} logs that it cannot read the token file: mend the volume or the path in discovery.kubernetes.`,
      );
};

/** The refused token is one that a restart reads again unchanged. */
export const tokenIsStatic: Check = ({ refused }) => {
  const fixed = refused.filter(({ pod }) => pod.token.kind === "static" || pod.token.kind === "file");
  return fixed.length === 0
    ? null
    : unfixable(
        "TokenIsStatic",
        `The refused token of ${namePods(fixed)} comes from the configuration, an environment variable or a file that Kubernetes does ` +
          "not renew: put a new token there, then run refresh.",
      );
};

/** Several clusters are configured, and this cluster's own token is not old enough to be the refused one. */
export const remoteClusterRefused: Check = (facts) => {
  const inTime = facts.refused.filter((pod) => facts.observedAt < deadlineOf(pod));
  if (inTime.length === 0 || configuredClusters(facts) < 2) return null;
  return unfixable("RemoteClusterRefused", remoteMessage(facts, inTime));
};

function remoteMessage(facts: GatewayFacts, inTime: readonly RunningPod[]): string {
  return (
    `A token of ${namePods(inTime)} is refused, service discovery reads ${configuredClusters(facts)} clusters, and the token of this ` +
    "one has not reached its deadline: it is probably another cluster's. The log does not say which. Renew the tokens of the remote clusters."
  );
}
