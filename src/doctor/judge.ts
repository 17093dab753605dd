import { planCluster } from "../decide/plan.ts";
import type { Check, Checkup, Examination } from "../model/checkup.ts";
import type { GuardError } from "../model/errors.ts";
import type { DecisionSettings } from "../model/policy.ts";
import type { Instant } from "../model/time.ts";
import { auditChecks } from "./audit-checks.ts";
import { admissionCheck, clockCheck, versionCheck } from "./cluster-checks.ts";
import { gatewayChecks, logChecks, probeChecks, reloadChecks, restartChecks, rolloutChecks } from "./gateway-checks.ts";
import { excessChecks, permissionChecks } from "./permission-checks.ts";

/** Turns what a cluster answered into a checklist. */
export function judge(examination: Examination, settings: DecisionSettings): Checkup {
  const { observation } = examination;
  const plan = planCluster(observation, settings);
  return {
    cluster: observation.cluster,
    at: observation.at,
    gitVersion: observation.gitVersion,
    checks: [
      { check: "SignIn", subject: null, state: "ok", message: "The API server accepts it." },
      versionCheck(observation),
      clockCheck(observation),
      ...permissionChecks(examination),
      ...excessChecks(examination),
      admissionCheck(examination),
      ...gatewayChecks(observation),
      ...restartChecks(examination),
      ...logChecks(observation, plan),
      ...probeChecks(observation),
      ...reloadChecks(examination),
      ...auditChecks(examination, settings),
      ...rolloutChecks(examination),
    ],
  };
}

/** The checklist of a cluster that could not be asked. A way that is closed says nothing about the cluster; a refusal does. */
export function notExamined(
  cluster: string,
  at: Instant,
  { code, message }: Pick<GuardError, "code" | "message">,
): Checkup {
  const state: Check["state"] = code === "ClusterUnreachable" || code === "Internal" ? "unknown" : "wrong";
  return {
    cluster,
    at,
    gitVersion: null,
    checks: [{ check: "SignIn", subject: null, state, message: `${code}: ${message}` }],
  };
}
