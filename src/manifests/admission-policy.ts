import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../model/annotations.ts";
import { gatewaySelector } from "../model/gateway-selector.ts";
import { callerIsTheGuard, probeManifests } from "./probe-policy.ts";
import { type Groups, type Manifest, type ManifestOptions, runsCommands } from "./rbac.ts";
import { selectorExpression } from "./selector-expression.ts";

const NAME = "apisix-token-guard-restart-only";

/** RFC 3339 with whole seconds. CEL has no strict parser for it, and `kubectl` accepts any text. */
const RFC_3339_SECONDS =
  "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

/**
 * The DaemonSet controller's bookkeeping: the API server itself raises it with every new template, before validating admission
 * runs, so a policy that forbade it would forbid every restart of a DaemonSet. It overwrites what a patch says there; on the other
 * kinds it does not, and anything could be written.
 */
const SERVER_OWNED_ANNOTATION = "deprecated.daemonset.template.generation";

/** The longest note the guard writes; see evidence/last-restart.ts. */
const MAX_NOTE_LENGTH = 1024;

/**
 * A ValidatingAdmissionPolicy under which the guard's identity can change nothing of a workload but `restartedAt` in the template
 * and its own note on the object, and that only where the workload is one that the guard looks for; and one that only looks nothing
 * at all, whatever RBAC allows: RBAC cannot tell a restart from a new image, both are `patch`, and knows no labels.
 *
 * Every comparison goes over all fields there are, so a field that a later Kubernetes adds is covered. Objects are taken as
 * `dyn(…)`, else the type checker warns about every line. Others than the guard are not looked at.
 *
 * @throws GuardError BadUsage when the selector is none
 */
export function admissionManifests({
  selector,
  probe,
  reload,
  ...groups
}: Omit<ManifestOptions, "namespaces">): Manifest[] {
  return [
    ...(runsCommands({ probe, reload }) ? probeManifests(groups, { reload }) : []),
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: NAME },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["apps"],
              apiVersions: ["v1"],
              operations: ["UPDATE"],
              resources: ["deployments", "daemonsets", "statefulsets"],
            },
          ],
        },
        matchConditions: [callerIsTheGuard(groups)],
        variables: VARIABLES,
        validations: [onlyRestarters(groups), onlyGateways(gatewaySelector(selector)), ...VALIDATIONS].map(
          ({ only, expression }) => ({
            message: `apisix-token-guard: ${only}`,
            // 403 instead of the default 422: it is a matter of permission, not of form.
            reason: "Forbidden",
            expression,
          }),
        ),
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

/** New and old state of each level that is compared. Names are long on purpose: YAML reads a short `no` as false. */
const VARIABLES = [
  { name: "newSpec", expression: "dyn(object.spec)" },
  { name: "oldSpec", expression: "dyn(oldObject.spec)" },
  { name: "newTemplate", expression: "dyn(object.spec.template)" },
  { name: "oldTemplate", expression: "dyn(oldObject.spec.template)" },
  { name: "newTemplateMeta", expression: "dyn(object.spec.template.?metadata.orValue({}))" },
  { name: "oldTemplateMeta", expression: "dyn(oldObject.spec.template.?metadata.orValue({}))" },
  { name: "newTemplateAnnotations", expression: "dyn(object.spec.template.?metadata.?annotations.orValue({}))" },
  { name: "oldTemplateAnnotations", expression: "dyn(oldObject.spec.template.?metadata.?annotations.orValue({}))" },
  { name: "newMeta", expression: "dyn(object.metadata)" },
  { name: "oldMeta", expression: "dyn(oldObject.metadata)" },
  { name: "newAnnotations", expression: "dyn(object.metadata.?annotations.orValue({}))" },
  { name: "oldAnnotations", expression: "dyn(oldObject.metadata.?annotations.orValue({}))" },
  { name: "labels", expression: "dyn(oldObject.metadata.?labels.orValue({}))" },
  {
    name: "freeAnnotations",
    expression: `object.kind == 'DaemonSet' ? ${celList([LAST_RESTART_ANNOTATION, SERVER_OWNED_ANNOTATION])} : ${celList([LAST_RESTART_ANNOTATION])}`,
  },
];

function celList(keys: readonly string[]): string {
  return `[${keys.map((key) => `'${key}'`).join(", ")}]`;
}

/** Says in CEL that two maps differ at most in the keys of a list: nothing else was added, changed or removed. */
function differOnlyIn(level: string, free: string): string {
  const fresh = `variables.new${level}`;
  const old = `variables.old${level}`;
  return (
    `${fresh}.all(key, key in ${free} || (key in ${old} && ${fresh}[key] == ${old}[key])) && ` +
    `${old}.all(key, key in ${free} || key in ${fresh})`
  );
}

const NEW_TEMPLATE = `variables.newTemplateAnnotations['${RESTARTED_AT_ANNOTATION}']`;
const OLD_TEMPLATE = `variables.oldTemplateAnnotations['${RESTARTED_AT_ANNOTATION}']`;
const WAS_RESTARTED = `'${RESTARTED_AT_ANNOTATION}' in variables.oldTemplateAnnotations`;

interface Validation {
  readonly only: string;
  readonly expression: string;
}

const onlyRestarters = ({ group }: Groups): Validation => ({
  only: `of its groups only ${group} may change a workload`,
  expression: `'${group}' in request.userInfo.groups`,
});

/**
 * By the labels that the workload had before: so no request can make its own workload one of these, whatever the other rules say. The
 * new ones are the same in whatever is admitted, since labels may not change.
 */
const onlyGateways = (selector: string): Validation => ({
  only: `only a workload that matches ${selector} may change`,
  expression: selectorExpression(selector, "variables.labels"),
});

const VALIDATIONS: readonly Validation[] = [
  { only: "of the spec only the template may change", expression: differOnlyIn("Spec", celList(["template"])) },
  { only: "of the template only the metadata may change", expression: differOnlyIn("Template", celList(["metadata"])) },
  {
    only: "of the template's metadata only annotations may change",
    expression: differOnlyIn("TemplateMeta", celList(["annotations"])),
  },
  {
    only: `of the template's annotations only ${RESTARTED_AT_ANNOTATION} may change`,
    expression: differOnlyIn("TemplateAnnotations", celList([RESTARTED_AT_ANNOTATION])),
  },
  {
    only: "restartedAt may not be removed, and a new value is RFC 3339 with whole seconds",
    expression:
      `'${RESTARTED_AT_ANNOTATION}' in variables.newTemplateAnnotations ` +
      `? ((${WAS_RESTARTED} && ${NEW_TEMPLATE} == ${OLD_TEMPLATE}) || ${NEW_TEMPLATE}.matches('${RFC_3339_SECONDS}')) ` +
      `: !(${WAS_RESTARTED})`,
  },
  {
    only: "of the metadata only annotations may change",
    expression: differOnlyIn("Meta", celList(["annotations", "managedFields", "resourceVersion", "generation"])),
  },
  {
    only: `of the annotations only ${LAST_RESTART_ANNOTATION} may change`,
    expression: differOnlyIn("Annotations", "variables.freeAnnotations"),
  },
  {
    only: `${LAST_RESTART_ANNOTATION} holds at most ${MAX_NOTE_LENGTH} characters`,
    expression: `!('${LAST_RESTART_ANNOTATION}' in variables.newAnnotations) || variables.newAnnotations['${LAST_RESTART_ANNOTATION}'].size() <= ${MAX_NOTE_LENGTH}`,
  },
];
