import type { Permission, Purpose } from "../model/read.ts";
import { CLUSTER_RULES, gatewayRules, type Rule } from "./rbac.ts";

/** What `rbacManifests` grants for a purpose, one by one. Empty: gateways are looked for in all namespaces. */
export function grantedPermissions(
  purpose: Purpose,
  namespaces: readonly string[],
  { probe = false } = {},
): readonly Permission[] {
  const where = namespaces.length === 0 ? [null] : namespaces;
  return [
    ...where.flatMap((namespace) => permissionsOf(gatewayRules(purpose, probe), namespace)),
    ...permissionsOf(CLUSTER_RULES, null),
  ];
}

const permissionsOf = (rules: readonly Rule[], namespace: string | null): Permission[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ verb, resource: inGroup(resource, group), namespace }))),
    ),
  );

/** `deployments` of `apps` → `deployments.apps` */
const inGroup = (resource: string, group: string): string => (group === "" ? resource : `${resource}.${group}`);

type Verbs = readonly (readonly [resource: string, verbs: readonly string[]])[];

/** What whoever only looks must not have either, since it changes something. */
const ONLY_TO_RESTART: Verbs = [
  ["deployments.apps", ["patch"]],
  ["daemonsets.apps", ["patch"]],
  ["statefulsets.apps", ["patch"]],
  ["events", ["create"]],
];

const NEVER: Verbs = [
  ["deployments.apps", ["create", "update", "delete"]],
  ["daemonsets.apps", ["create", "update", "delete"]],
  ["statefulsets.apps", ["create", "update", "delete"]],
  ["deployments.apps/scale", ["update", "patch"]],
  ["statefulsets.apps/scale", ["update", "patch"]],
  ["pods", ["delete"]],
  ["pods/exec", ["get", "create"]],
  ["secrets", ["get"]],
];

/**
 * What an identity must not have, because whoever steals it could then run code, read secrets or stop gateways. Not everything
 * that is too much: what Kubernetes' own roles (edit, admin) and EKS' access policies would bring along. Running commands
 * is what the probe does.
 */
export const excessPermissions = (
  purpose: Purpose,
  namespace: string | null,
  { probe = false } = {},
): readonly Permission[] =>
  [...NEVER, ...(purpose === "read" ? ONLY_TO_RESTART : [])]
    .filter(([resource]) => !probe || resource !== "pods/exec")
    .flatMap(([resource, verbs]) => verbs.map((verb) => ({ verb, resource, namespace })));
