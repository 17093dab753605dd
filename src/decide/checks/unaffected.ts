import type { Check } from "./check.ts";
import { isDiscoveryOff } from "./discovery.ts";

/** Nothing runs, nothing is wanted: the next pods start with a new token. */
export const scaledToZero: Check = ({ gateway: { workload }, running }) =>
  workload.figures.desired > 0 || running.length > 0
    ? null
    : { verdict: "unaffected", reason: "ScaledToZero", message: "It is scaled to zero: no token is in use." };

/** Every running pod is of a version that reads the token file anew, or that has no Kubernetes discovery at all. */
export const versionNotAffected: Check = ({ running, gateway: { config } }) => {
  const fine = running.every(
    ({ reading, pod }) => reading === "no-discovery" || (reading === "every-request" && pod.token.kind !== "static"),
  );
  if (!fine) return null;
  const [first] = running;
  const why =
    first?.reading === "no-discovery"
      ? "This version has no Kubernetes service discovery (it came with 2.13.0)."
      : "This version reads the token file anew for every request (APISIX 3.13.0 and later).";
  const presumed =
    config !== null && !config.ok ? " Its ConfigMap could not be read: the default token file is presumed." : "";
  return { verdict: "unaffected", reason: "VersionNotAffected", message: why + presumed };
};

/** Kubernetes discovery was off when every container started. */
export const discoveryOff: Check = (facts) =>
  isDiscoveryOff(facts)
    ? {
        verdict: "unaffected",
        reason: "DiscoveryOff",
        message: "Kubernetes service discovery is off in its ConfigMap, which is older than every container.",
      }
    : null;
