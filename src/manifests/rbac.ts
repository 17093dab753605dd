import type { Purpose } from "../model/read.ts";

/** A Kubernetes manifest, ready to be written as YAML. */
export type Manifest = Readonly<Record<string, unknown>> & { readonly kind: string };

/** The Kubernetes groups that the guard's identities are in: an EKS access entry's, or any other's. */
export interface Groups {
  /** Of who restarts: it may do what is needed for that, and all that the other may. */
  readonly group: string;
  /** Of who only looks, as check and the sweep do. */
  readonly readGroup: string;
}

export interface ManifestOptions extends Groups {
  /** Namespaces with gateways; empty: the whole cluster. */
  readonly namespaces: readonly string[];
  /** Label selector of the gateways' workloads, as `gateways.selector`. Permissions know no labels, the admission policy does. */
  readonly selector: string;
  /** With what `evidence.probe` needs, and a policy that narrows it to that. */
  readonly probe?: boolean | undefined;
  /** Likewise with what `policy.cure: reload` needs, for who restarts. The probe is a part of that. */
  readonly reload?: boolean | undefined;
}

/** Of roles and of their bindings. */
const NAMES: Readonly<Record<Purpose, string>> = { read: "apisix-token-guard-read", restart: "apisix-token-guard" };
const RBAC = "rbac.authorization.k8s.io";

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const WORKLOADS = ["deployments", "daemonsets", "statefulsets"];

const BESIDE_WORKLOADS: readonly Rule[] = [
  { apiGroups: ["apps"], resources: ["replicasets", "controllerrevisions"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods/log", "configmaps", "serviceaccounts"], verbs: ["get"] },
];

/**
 * What is needed where the gateways are. `patch` is all that changes anything, and the admission policy narrows it to two
 * annotations; what is created are events, which tell people what was done.
 */
const GATEWAY_RULES: Readonly<Record<Purpose, readonly Rule[]>> = {
  read: [{ apiGroups: ["apps"], resources: WORKLOADS, verbs: ["list"] }, ...BESIDE_WORKLOADS],
  restart: [
    { apiGroups: ["apps"], resources: WORKLOADS, verbs: ["get", "list", "watch", "patch"] },
    ...BESIDE_WORKLOADS,
    { apiGroups: [""], resources: ["events"], verbs: ["create"] },
  ],
};

/**
 * To run a command in a pod's container, for `evidence.probe`. Servers before 1.35 ask for `get` alone where the command comes over a
 * WebSocket, later ones for both (AuthorizePodWebsocketUpgradeCreatePermission).
 */
const PROBE_RULE: Rule = { apiGroups: [""], resources: ["pods/exec"], verbs: ["get", "create"] };

/** Where the gateways are, with or without the probe. */
export const gatewayRules = (purpose: Purpose, probe: boolean): readonly Rule[] =>
  probe ? [...GATEWAY_RULES[purpose], PROBE_RULE] : GATEWAY_RULES[purpose];

/** What belongs to no namespace: whether a DaemonSet's node is Ready, and what a gateway's ServiceAccount may do. */
export const CLUSTER_RULES: readonly Rule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
];

/**
 * The guard's permissions, for each purpose whole. No secrets, no exec unless the probe is asked for, no delete, no create but of events
 * and of a question; with namespaces given, nothing outside them but the two cluster-wide questions.
 */
export const rbacManifests = ({
  group,
  readGroup,
  namespaces,
  probe,
  reload,
}: Omit<ManifestOptions, "selector">): Manifest[] => [
  ...rolesFor("read", readGroup, namespaces, runsCommands({ probe, reload })),
  ...rolesFor("restart", group, namespaces, runsCommands({ probe, reload })),
];

/** RBAC knows no commands, only whether somebody may run them. */
export const runsCommands = ({ probe = false, reload = false }: Pick<ManifestOptions, "probe" | "reload">): boolean =>
  probe || reload;

function rolesFor(purpose: Purpose, group: string, namespaces: readonly string[], probe: boolean): Manifest[] {
  const name = NAMES[purpose];
  const rules = gatewayRules(purpose, probe);
  const subjects = [{ apiGroup: RBAC, kind: "Group", name: group }];
  const scoped = namespaces.flatMap((namespace) => [
    { apiVersion: `${RBAC}/v1`, kind: "Role", metadata: { name, namespace }, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "RoleBinding",
      metadata: { name, namespace },
      roleRef: { apiGroup: RBAC, kind: "Role", name },
      subjects,
    },
  ]);
  const everywhere = namespaces.length === 0 ? [...rules, ...CLUSTER_RULES] : CLUSTER_RULES;
  return [
    ...scoped,
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name }, rules: everywhere },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
      subjects,
    },
  ];
}
