/** A Kubernetes manifest, ready to be written as YAML. */
export type Manifest = Readonly<Record<string, unknown>> & { readonly kind: string };

export interface ManifestOptions {
  /** The Kubernetes group that the guard's identity is in: an EKS access entry's, or any other's. */
  readonly group: string;
  /** Namespaces with gateways; empty: the whole cluster. */
  readonly namespaces: readonly string[];
  /** With what `evidence.probe` needs, and a policy that narrows it to that. */
  readonly probe?: boolean;
}

const NAME = "apisix-token-guard";
const RBAC = "rbac.authorization.k8s.io";

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const WORKLOADS = ["deployments", "daemonsets", "statefulsets"];

/**
 * What is needed where the gateways are. `patch` is all that changes anything, and the admission policy narrows it to two
 * annotations; what is created are events, which tell people what was done.
 */
export const GATEWAY_RULES: readonly Rule[] = [
  { apiGroups: ["apps"], resources: WORKLOADS, verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: ["apps"], resources: ["replicasets", "controllerrevisions"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods/log", "configmaps", "serviceaccounts"], verbs: ["get"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create"] },
];

/**
 * To run a command in a pod's container, for `evidence.probe`. Servers before 1.35 ask for `get` alone where the command comes over a
 * WebSocket, later ones for both (AuthorizePodWebsocketUpgradeCreatePermission).
 */
export const PROBE_RULE: Rule = { apiGroups: [""], resources: ["pods/exec"], verbs: ["get", "create"] };

/** Where the gateways are, with or without the probe. */
export const gatewayRules = (probe: boolean): readonly Rule[] =>
  probe ? [...GATEWAY_RULES, PROBE_RULE] : GATEWAY_RULES;

/** What belongs to no namespace: whether a DaemonSet's node is Ready, and what a gateway's ServiceAccount may do. */
export const CLUSTER_RULES: readonly Rule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
];

/**
 * The guard's permissions. No secrets, no exec unless the probe is asked for, no delete, no create but of events and of a question; with
 * namespaces given, nothing outside them but the two cluster-wide questions.
 */
export function rbacManifests({ group, namespaces, probe = false }: ManifestOptions): Manifest[] {
  const rules = gatewayRules(probe);
  const subjects = [{ apiGroup: RBAC, kind: "Group", name: group }];
  const scoped = namespaces.flatMap((namespace) => [
    { apiVersion: `${RBAC}/v1`, kind: "Role", metadata: { name: NAME, namespace }, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "RoleBinding",
      metadata: { name: NAME, namespace },
      roleRef: { apiGroup: RBAC, kind: "Role", name: NAME },
      subjects,
    },
  ]);
  const everywhere = namespaces.length === 0 ? [...rules, ...CLUSTER_RULES] : CLUSTER_RULES;
  return [
    ...scoped,
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name: NAME }, rules: everywhere },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: NAME },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: NAME },
      subjects,
    },
  ];
}
