import type { Method } from "../control-plane/cluster/api.ts";
import { APPLY, MERGE, STRATEGIC } from "./attempts.ts";

/** A request that the guard's permissions must not cover, whatever the policy says. */
export interface OutOfReach {
  readonly what: string;
  readonly method: Method;
  /** `NS` stands for the namespace with the gateways, `ELSEWHERE` for one without permissions. */
  readonly path: string;
  readonly body?: object;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const CORE = "/api/v1/namespaces/NS";
const APPS = "/apis/apps/v1/namespaces/NS";
const GATEWAY = `${APPS}/deployments/deployment`;
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const ADMISSION = "/apis/admissionregistration.k8s.io/v1";
const POLICY = "apisix-token-guard-restart-only";

const restart = {
  spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-06-01T12:00:00Z" } } } },
};
const named = (apiVersion: string, kind: string, name: string, fields: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...fields,
});
const deployment = named("apps/v1", "Deployment", "another", {
  spec: {
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "b" }] } },
  },
});
const binding = {
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "apisix-token-guard" }],
};
const impersonating = (headers: Record<string, string>) => ({ method: "GET", path: GATEWAY, headers }) as const;

/** In the namespaces with gateways, and in what belongs to no namespace. */
export const OUT_OF_REACH: readonly OutOfReach[] = [
  { what: "replacing a workload (PUT)", method: "PUT", path: GATEWAY, body: deployment },
  { what: "deleting a Deployment", method: "DELETE", path: GATEWAY },
  { what: "deleting a DaemonSet", method: "DELETE", path: `${APPS}/daemonsets/daemonset` },
  { what: "deleting a StatefulSet", method: "DELETE", path: `${APPS}/statefulsets/statefulset` },
  { what: "deleting all Deployments", method: "DELETE", path: `${APPS}/deployments` },
  { what: "creating a Deployment", method: "POST", path: `${APPS}/deployments`, body: deployment },
  {
    what: "creating a Deployment by server-side apply",
    method: "PATCH",
    path: `${APPS}/deployments/another?fieldManager=apisix-token-guard`,
    body: deployment,
    type: APPLY,
  },
  {
    what: "scaling a Deployment",
    method: "PATCH",
    path: `${GATEWAY}/scale`,
    body: { spec: { replicas: 3 } },
    type: MERGE,
  },
  {
    what: "scaling a StatefulSet",
    method: "PATCH",
    path: `${APPS}/statefulsets/statefulset/scale`,
    body: { spec: { replicas: 3 } },
    type: MERGE,
  },
  {
    what: "writing a status",
    method: "PATCH",
    path: `${GATEWAY}/status`,
    body: { status: { readyReplicas: 9 } },
    type: MERGE,
  },
  { what: "patching a ReplicaSet", method: "PATCH", path: `${APPS}/replicasets/any`, body: restart, type: STRATEGIC },
  { what: "deleting a ReplicaSet", method: "DELETE", path: `${APPS}/replicasets/any` },
  {
    what: "patching a ControllerRevision",
    method: "PATCH",
    path: `${APPS}/controllerrevisions/any`,
    body: { revision: 9 },
    type: MERGE,
  },
  { what: "deleting a pod", method: "DELETE", path: `${CORE}/pods/any` },
  { what: "patching a pod", method: "PATCH", path: `${CORE}/pods/any`, body: { metadata: {} }, type: MERGE },
  {
    what: "evicting a pod",
    method: "POST",
    path: `${CORE}/pods/any/eviction`,
    body: named("policy/v1", "Eviction", "any"),
  },
  { what: "running a command in a pod", method: "POST", path: `${CORE}/pods/any/exec?command=id&stdout=true` },
  { what: "attaching to a pod", method: "POST", path: `${CORE}/pods/any/attach?stdout=true` },
  { what: "forwarding a port of a pod", method: "POST", path: `${CORE}/pods/any/portforward?ports=80` },
  { what: "reading a Secret", method: "GET", path: `${CORE}/secrets/any` },
  { what: "listing Secrets", method: "GET", path: `${CORE}/secrets` },
  { what: "listing Secrets of all namespaces", method: "GET", path: "/api/v1/secrets" },
  { what: "listing ConfigMaps", method: "GET", path: `${CORE}/configmaps` },
  {
    what: "patching a ConfigMap",
    method: "PATCH",
    path: `${CORE}/configmaps/any`,
    body: { data: { a: "b" } },
    type: MERGE,
  },
  {
    what: "a token of a gateway's ServiceAccount",
    method: "POST",
    path: `${CORE}/serviceaccounts/default/token`,
    body: named("authentication.k8s.io/v1", "TokenRequest", "default", { spec: {} }),
  },
  { what: "listing events", method: "GET", path: `${CORE}/events` },
  { what: "changing an event", method: "PATCH", path: `${CORE}/events/any`, body: { message: "" }, type: MERGE },
  { what: "deleting an event", method: "DELETE", path: `${CORE}/events/any` },
  { what: "listing nodes", method: "GET", path: "/api/v1/nodes" },
  {
    what: "cordoning a node",
    method: "PATCH",
    path: "/api/v1/nodes/node-1",
    body: { spec: { unschedulable: true } },
    type: MERGE,
  },
  { what: "listing namespaces", method: "GET", path: "/api/v1/namespaces" },
  {
    what: "more permissions for its own role",
    method: "PATCH",
    path: `${RBAC}/clusterroles/apisix-token-guard`,
    body: { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
    type: MERGE,
  },
  {
    what: "a role for itself",
    method: "POST",
    path: `${RBAC}/clusterrolebindings`,
    body: named("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "more", binding),
  },
  {
    what: "a softer policy",
    method: "PATCH",
    path: `${ADMISSION}/validatingadmissionpolicies/${POLICY}`,
    body: { spec: { validations: [{ expression: "true" }] } },
    type: MERGE,
  },
  { what: "no policy", method: "DELETE", path: `${ADMISSION}/validatingadmissionpolicies/${POLICY}` },
  {
    what: "no binding of the policy",
    method: "DELETE",
    path: `${ADMISSION}/validatingadmissionpolicybindings/${POLICY}`,
  },
  { what: "impersonating a user", ...impersonating({ "impersonate-user": "admin" }) },
  {
    what: "impersonating a group of administrators",
    ...impersonating({ "impersonate-user": "keeper", "impersonate-group": "system:masters" }),
  },
  {
    what: "impersonating a ServiceAccount",
    ...impersonating({
      "impersonate-user": "system:serviceaccount:kube-system:deployment-controller",
    }),
  },
];

/** For who only looks, beyond that: whatever a restart needs, for trial, too. */
export const NOT_TO_LOOK: readonly OutOfReach[] = [
  ...["deployments/deployment", "daemonsets/daemonset", "statefulsets/statefulset"].flatMap(
    (workload) =>
      [
        {
          what: `restarting ${workload}`,
          method: "PATCH",
          path: `${APPS}/${workload}`,
          body: restart,
          type: STRATEGIC,
        },
        {
          what: `restarting ${workload} for trial`,
          method: "PATCH",
          path: `${APPS}/${workload}?dryRun=All`,
          body: restart,
          type: STRATEGIC,
        },
        {
          what: `writing a note on ${workload}`,
          method: "PATCH",
          path: `${APPS}/${workload}`,
          body: { metadata: { annotations: { "apisix-token-guard/last-restart": "{}" } } },
          type: MERGE,
        },
      ] as const,
  ),
  {
    what: "leaving an event",
    method: "POST",
    path: `${CORE}/events`,
    body: { ...named("v1", "Event", "any"), involvedObject: { namespace: "NS" } },
  },
];

/** Where permissions are given for some namespaces only. */
export const ELSEWHERE: readonly OutOfReach[] = [
  {
    what: "restarting a gateway of another namespace",
    method: "PATCH",
    path: "/apis/apps/v1/namespaces/ELSEWHERE/deployments/deployment",
    body: restart,
    type: STRATEGIC,
  },
  {
    what: "reading a gateway of another namespace",
    method: "GET",
    path: "/apis/apps/v1/namespaces/ELSEWHERE/deployments/deployment",
  },
  {
    what: "leaving an event in another namespace",
    method: "POST",
    path: "/api/v1/namespaces/ELSEWHERE/events",
    body: { ...named("v1", "Event", "any"), involvedObject: { namespace: "ELSEWHERE" } },
  },
  { what: "listing the pods of another namespace", method: "GET", path: "/api/v1/namespaces/ELSEWHERE/pods" },
  {
    what: "reading a ConfigMap of another namespace",
    method: "GET",
    path: "/api/v1/namespaces/ELSEWHERE/configmaps/any",
  },
  { what: "reading a log of another namespace", method: "GET", path: "/api/v1/namespaces/ELSEWHERE/pods/any/log" },
  { what: "listing the Deployments of all namespaces", method: "GET", path: "/apis/apps/v1/deployments" },
  { what: "listing the pods of all namespaces", method: "GET", path: "/api/v1/pods" },
];
