import { auditWarnings } from "../decide/audit-warnings.ts";
import { factsOf } from "../decide/facts.ts";
import type { Check, Examination } from "../model/checkup.ts";
import type { DecisionSettings } from "../model/policy.ts";
import { isoSeconds } from "../model/time.ts";

/** Whether the audit log can be read and tells of the gateways; nothing where none is wanted. */
export function auditChecks({ auditSource, observation }: Examination, settings: DecisionSettings): readonly Check[] {
  const check = { check: "AuditLog", subject: null } as const;
  const { audit, at, gateways } = observation;
  if (auditSource === "none") return [];
  if (auditSource === "group") return [{ ...check, state: "skipped", message: FUNCTIONS_ONLY }];
  if (audit === null)
    return [{ ...check, state: "skipped", message: "Not read: no pod runs whose token it could tell of." }];
  const facts = gateways.map((gateway) => factsOf(gateway, observation, settings, at));
  const warnings = auditWarnings(observation, facts).map((message): Check => ({ ...check, state: "warning", message }));
  if (warnings.length > 0 || !audit.ok) return warnings;
  const { oldestAt, newestAt } = audit.value;
  const span = oldestAt === null || newestAt === null ? "" : ` (${isoSeconds(oldestAt)} to ${isoSeconds(newestAt)})`;
  return [
    { ...check, state: "ok", message: `It can be read${span}, and is silent about no pod that it should tell of.` },
  ];
}

/** A kubeconfig holds a sign-in to a cluster and none to AWS. */
const FUNCTIONS_ONLY =
  "Not looked at: EKS' own log is in CloudWatch, which the functions read with their AWS identity, and a kubeconfig has none. Whether EKS " +
  "writes it: aws eks describe-cluster --name NAME --query cluster.logging. Whether the functions may read it: the sweep warns in its " +
  "report on a cluster when they could not. An exported log is looked at with --audit-log FILE.";
