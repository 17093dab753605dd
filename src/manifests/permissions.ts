import type { Permission } from "../model/read.ts";
import { CLUSTER_RULES, GATEWAY_RULES, type Rule } from "./rbac.ts";

/** What `rbacManifests` grants, one by one. Empty: gateways are looked for in all namespaces. */
export function grantedPermissions(namespaces: readonly string[]): readonly Permission[] {
  const where = namespaces.length === 0 ? [null] : namespaces;
  return [
    ...where.flatMap((namespace) => permissionsOf(GATEWAY_RULES, namespace)),
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

const NEVER: readonly (readonly [resource: string, verbs: readonly string[]])[] = [
  ["deployments.apps", ["create", "update", "delete"]],
  ["daemonsets.apps", ["create", "update", "delete"]],
  ["statefulsets.apps", ["create", "update", "delete"]],
  ["deployments.apps/scale", ["update", "patch"]],
  ["statefulsets.apps/scale", ["update", "patch"]],
  ["pods", ["delete"]],
  ["pods/exec", ["create"]],
  ["secrets", ["get"]],
];

/**
 * What an identity must not have, because whoever steals it could then run code, read secrets or stop gateways. Not everything
 * that is too much: what Kubernetes' own roles (edit, admin) and EKS' access policies would bring along.
 */
export const excessPermissions = (namespace: string | null): readonly Permission[] =>
  NEVER.flatMap(([resource, verbs]) => verbs.map((verb) => ({ verb, resource, namespace })));
