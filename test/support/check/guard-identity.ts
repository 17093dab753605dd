import { CLUSTER_RULES, gatewayRules, type Rule } from "../../../src/manifests/rbac.ts";
import type { KubeObject } from "../control-plane/cluster/objects.ts";
import type { Cluster } from "../control-plane/cluster.ts";

/** Somebody who runs the guard. */
export interface GuardIdentity {
  /** As the audit log names it. */
  readonly user: string;
  readonly token: string;
}

export interface Grant {
  /** Resources left out of the published permissions: `pods/log`, `deployments`. */
  readonly without?: readonly string[];
  /** All namespaces instead of its own. */
  readonly everywhere?: boolean;
  /** With what the probe needs. */
  readonly probe?: boolean;
}

const RBAC = "rbac.authorization.k8s.io";
const NAME = "token-guard";

/**
 * An identity with the published permissions of who only looks. One for each namespace, so that the audit log tells apart what is looked
 * at concurrently, and what one is granted cannot hide what another lacks.
 */
export async function signUpGuard(
  cluster: Cluster,
  namespace: string,
  { without = [], everywhere = false, probe = false }: Grant = {},
): Promise<GuardIdentity> {
  const inNamespace = leavingOut(gatewayRules("read", probe), without);
  const inCluster = leavingOut(CLUSTER_RULES, without);
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace }];
  await cluster.apply([
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace } },
    role("Role", { name: NAME, namespace }, inNamespace),
    binding("Role", { name: NAME, namespace }, subjects),
    role("ClusterRole", { name: `${NAME}-${namespace}` }, everywhere ? [...inNamespace, ...inCluster] : inCluster),
    binding("ClusterRole", { name: `${NAME}-${namespace}` }, subjects),
  ]);
  return {
    user: `system:serviceaccount:${namespace}:${NAME}`,
    token: await cluster.tokens.request({ namespace, serviceAccount: NAME }),
  };
}

/** What the chart grants a gateway that discovers services; without it a restart is held back. */
export function discoveryGrant(namespace: string, serviceAccount: string): KubeObject[] {
  const name = `apisix-${namespace}`;
  const rules = [{ apiGroups: [""], resources: ["endpoints"], verbs: ["list", "watch"] }];
  return [
    role("ClusterRole", { name }, rules),
    binding("ClusterRole", { name }, [{ kind: "ServiceAccount", name: serviceAccount, namespace }]),
  ];
}

const leavingOut = (rules: readonly Rule[], without: readonly string[]): readonly Rule[] =>
  rules
    .map((rule) => ({ ...rule, resources: rule.resources.filter((resource) => !without.includes(resource)) }))
    .filter(({ resources }) => resources.length > 0);

type Scope = "Role" | "ClusterRole";
type Named = Readonly<{ name: string; namespace?: string }>;

const role = (kind: Scope, metadata: Named, rules: readonly object[]): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata,
  rules,
});

const binding = (kind: Scope, metadata: Named, subjects: readonly object[]): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: `${kind}Binding`,
  metadata,
  roleRef: { apiGroup: RBAC, kind, name: metadata.name },
  subjects,
});
