import { PROBE_SCRIPT } from "../evidence/probe-script.ts";
import { RELOAD_SCRIPT } from "../evidence/reload-script.ts";
import type { Groups, Manifest, ManifestOptions } from "./rbac.ts";

const NAME = "apisix-token-guard-probe-only";

/** Whom the policies look at. Guarded by has(): an error in a match condition would block everybody else too. */
export const callerIsTheGuard = ({ group, readGroup }: Groups) => ({
  name: "caller-is-the-guard",
  expression: `has(request.userInfo.groups) && request.userInfo.groups.exists(one, one in ['${group}', '${readGroup}'])`,
});

/**
 * A ValidatingAdmissionPolicy under which the guard's identities can run nothing in a container but the probe's own script, to the letter,
 * with the path of a file, and the one that restarts the reload's, with a number: RBAC knows only whether somebody may run commands, any
 * commands. They read no input, and another version of the guard with another script needs its own.
 */
export function probeManifests(groups: Groups, { reload = false }: Pick<ManifestOptions, "reload"> = {}): Manifest[] {
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
            message: `apisix-token-guard: in a container only the probe${reload ? " and, to restart, the reload" : ""} may be run`,
            reason: "Forbidden",
            expression: [NO_INPUT, reload ? `(${PROBE} || ${isRestarter(groups)} && ${RELOAD})` : PROBE].join(" && "),
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

const NO_INPUT = [
  `has(${COMMAND}) && ${COMMAND}.size() == 5`,
  "!variables.options.?stdin.orValue(false) && !variables.options.?tty.orValue(false)",
].join(" && ");

/** CEL reads JSON's texts: their escapes are among its own. */
const isShellWith = (script: string): string =>
  `${COMMAND}[0] == 'sh' && ${COMMAND}[1] == '-c' && ${COMMAND}[2] == ${JSON.stringify(script)} && ${COMMAND}[3] == 'sh'`;

const PROBE = `${isShellWith(PROBE_SCRIPT)} && ${COMMAND}[4].startsWith('/')`;

const RELOAD = `${isShellWith(RELOAD_SCRIPT)} && ${COMMAND}[4].matches('^[0-9]{1,15}$')`;

/** Nobody gets here without groups. */
const isRestarter = ({ group }: Groups): string => `'${group}' in request.userInfo.groups`;
