import { skewWarning } from "../decide/clock-skew.ts";
import type { Check, Examination } from "../model/checkup.ts";
import type { ClusterObservation } from "../model/observation.ts";
import { gatewayId } from "../model/workload.ts";

/** Kubernetes 1.30 made ValidatingAdmissionPolicy generally available. */
const FIRST_MINOR_WITH_POLICIES = 30;

export function versionCheck({ gitVersion }: ClusterObservation): Check {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(gitVersion) ?? [];
  const check = { check: "ServerVersion", subject: null } as const;
  if (major === "1" && Number(minor) < FIRST_MINOR_WITH_POLICIES) {
    return {
      ...check,
      state: "warning",
      message: `${gitVersion} has no ValidatingAdmissionPolicy (since 1.30): nothing but its own code confines the guard to restarts.`,
    };
  }
  return { ...check, state: "ok", message: gitVersion };
}

export function clockCheck({ clockSkew }: ClusterObservation): Check {
  const warning = skewWarning(clockSkew);
  return warning === null
    ? { check: "Clock", subject: null, state: "ok", message: "This machine and the API server agree within a minute." }
    : { check: "Clock", subject: null, state: "warning", message: warning };
}

/** In force is what lets restarts through and nothing else, so both must have been tried. */
export function admissionCheck({ purpose, relabel, restarts }: Examination): Check {
  const check = { check: "AdmissionPolicy", subject: null } as const;
  if (purpose === "read")
    return { ...check, state: "skipped", message: "Not tried: it confines changes, and who only looks makes none." };
  if (relabel === null) {
    const why = restarts.length === 0 ? "there is no gateway to try it on" : "the API server accepts no restart either";
    return { ...check, state: "unknown", message: `Whether it is in force could not be tried: ${why}.` };
  }
  const { gateway, answer } = relabel;
  if (answer.ok) {
    return {
      ...check,
      state: "wrong",
      message:
        `The policy is not in force for this identity: a dry run that changes a label in the pod template of ${gatewayId(gateway)} ` +
        "is accepted. Apply what apisix-token-guard manifests prints, for a group that this identity is in.",
    };
  }
  if (answer.failure.code === "Forbidden")
    return { ...check, state: "ok", message: "In force: restarts are accepted, any other change is refused." };
  return {
    ...check,
    state: "unknown",
    message: `Whether it is in force could not be tried: ${answer.failure.message}`,
  };
}
