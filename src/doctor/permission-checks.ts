import { describePermission, explainForbidden } from "../model/asked.ts";
import type { Check, Examination, PermissionAnswer } from "../model/checkup.ts";
import type { Permission, Purpose } from "../model/read.ts";

const WORKS_WITHOUT: Readonly<Record<string, string>> = {
  events: "Restarts work without it, and leave no events.",
  "pods/exec": "Without it the probe tells nothing, and token ages come from container starts.",
};

/** Missing permissions one by one, each with what to do; a single line when all are there. */
export function permissionChecks({ needed }: Examination): readonly Check[] {
  const problems = needed.flatMap(({ permission, answer }): Check[] => {
    const check = { check: "Permission", subject: describePermission(permission) } as const;
    if (!answer.ok) return [{ ...check, state: "unknown", message: answer.failure.message }];
    if (answer.value) return [];
    const message = explainForbidden(permission);
    const without = WORKS_WITHOUT[permission.resource];
    return without === undefined
      ? [{ ...check, state: "wrong", message }]
      : [{ ...check, state: "warning", message: `${message} ${without}` }];
  });
  if (problems.length > 0) return problems;
  return [
    { check: "Permission", subject: null, state: "ok", message: `All ${needed.length} that are needed are there.` },
  ];
}

/** What is too much, by resource; a single line when nothing is. */
export function excessChecks({ purpose, excess }: Examination): readonly Check[] {
  const granted = excess.filter(({ answer }) => answer.ok && answer.value).map(({ permission }) => permission);
  const everywhere = granted.filter(({ namespace }) => namespace === null);
  const elsewhere = granted.filter((one) => !everywhere.some((other) => isSame(one, other)));
  const byResource = Map.groupBy([...everywhere, ...elsewhere.filter(({ namespace }) => namespace !== null)], placeOf);
  const problems = [...byResource.values()].map((permissions) => tooMuch(permissions, purpose));
  const [unanswered] = excess.flatMap(unansweredOf);
  if (unanswered !== undefined) problems.push(unanswered);
  if (problems.length > 0) return problems;
  const noExec = excess.some(({ permission }) => permission.resource === "pods/exec") ? "no exec, " : "";
  const noChange =
    purpose === "read" ? "no change of workloads, no events" : "no create, update, delete or scale of workloads";
  const message = `None: no secrets, ${noExec}${noChange}.`;
  return [{ check: "ExcessPermission", subject: null, state: "ok", message }];
}

const isSame = (a: Permission, b: Permission): boolean => a.verb === b.verb && a.resource === b.resource;

const placeOf = ({ resource, namespace }: Permission): string => `${namespace ?? ""} ${resource}`;

function tooMuch(permissions: readonly Permission[], purpose: Purpose): Check {
  const [first] = permissions;
  const verb = permissions.map((one) => one.verb).join(", ");
  return {
    check: "ExcessPermission",
    subject: first === undefined ? null : describePermission({ ...first, verb }),
    state: "warning",
    message: `This identity may do it, and ${purpose === "read" ? "is only to look" : "the guard never does"}: take it away.`,
  };
}

const unansweredOf = ({ answer }: PermissionAnswer): Check[] =>
  answer.ok ? [] : [{ check: "ExcessPermission", subject: null, state: "unknown", message: answer.failure.message }];
