import { PROBE_SCRIPT } from "../evidence/probe-script.ts";
import type { Groups, Manifest } from "./rbac.ts";

const NAME = "apisix-token-guard-probe-only";

/** Whom the policies look at. Guarded by has(): an error in a match condition would block everybody else too. */
export const callerIsTheGuard = ({ group, readGroup }: Groups) => ({
  name: "caller-is-the-guard",
  expression: `has(request.userInfo.groups) && request.userInfo.groups.exists(one, one in ['${group}', '${readGroup}'])`,
});

/**
 * A ValidatingAdmissionPolicy under which the guard's identity can run nothing in a container but the probe's own script, to the letter,
 * with the path of a file: RBAC knows only whether somebody may run commands, any commands. It reads no input, and another version of
 * the guard with another script needs its own.
 */
export function probeManifests(groups: Groups): Manifest[] {
  return [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: NAME },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CONNECT"], resources: ["pods/exec", "pods/attach"] },
          ],
        },
        matchConditions: [callerIsTheGuard(groups)],
        variables: [{ name: "options", expression: "dyn(object)" }],
        validations: [
          {
            message: "apisix-token-guard: in a container only the probe may be run",
            reason: "Forbidden",
            expression: ONLY_THE_PROBE,
          },
        ],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: NAME },
      spec: { policyName: NAME, validationActions: ["Deny"] },
    },
  ];
}

const COMMAND = "variables.options.command";

/** CEL reads JSON's texts: their escapes are among its own. */
const ONLY_THE_PROBE = [
  `has(${COMMAND}) && ${COMMAND}.size() == 5`,
  `${COMMAND}[0] == 'sh' && ${COMMAND}[1] == '-c' && ${COMMAND}[2] == ${JSON.stringify(PROBE_SCRIPT)} && ${COMMAND}[3] == 'sh'`,
  `${COMMAND}[4].startsWith('/')`,
  "!variables.options.?stdin.orValue(false) && !variables.options.?tty.orValue(false)",
].join(" && ");
