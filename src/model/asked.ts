import type { Permission, ReadFailureCode } from "./read.ts";
import type { GatewayRef, WorkloadKind } from "./workload.ts";

/** One thing asked of a cluster, as a failure tells it: in words, and as the permission it takes. */
export interface Asked {
  readonly what: string;
  /** null: everybody who is signed in may. */
  readonly permission: Permission | null;
  /** What a failure means here, where the general sentence would mislead. */
  readonly explain?: Partial<Record<ReadFailureCode, string>>;
}

/** `resource` as in RBAC with its group: `deployments.apps`. */
export function toList(resource: string, namespace: string | null): Asked {
  const [plural] = resource.split(".");
  const place = namespace === null ? "in all namespaces" : `in namespace ${namespace}`;
  return { what: `list ${plural} ${place}`, permission: { verb: "list", resource, namespace } };
}

export function toRead(kind: string, resource: string, namespace: string | null, name: string): Asked {
  const id = namespace === null ? name : `${namespace}/${name}`;
  return { what: `read ${kind} ${id}`, permission: { verb: "get", resource, namespace } };
}

const RESOURCES: Record<WorkloadKind, string> = {
  Deployment: "deployments.apps",
  DaemonSet: "daemonsets.apps",
  StatefulSet: "statefulsets.apps",
};

export const toReadWorkload = ({ kind, namespace, name }: GatewayRef): Asked =>
  toRead(kind, RESOURCES[kind], namespace, name);

export const toWatch = ({ kind, namespace, name }: GatewayRef): Asked => ({
  what: `watch ${kind} ${namespace}/${name}`,
  permission: { verb: "watch", resource: RESOURCES[kind], namespace },
});

export function toPatch({ kind, namespace, name }: GatewayRef): Asked {
  const permission = { verb: "patch", resource: RESOURCES[kind], namespace };
  return {
    what: `patch ${kind} ${namespace}/${name}`,
    permission,
    explain: { Forbidden: `${explainForbidden(permission)} An admission policy can be what refuses it, too.` },
  };
}

export function toCreateEvent({ kind, namespace, name }: GatewayRef): Asked {
  const permission = { verb: "create", resource: "events", namespace };
  return {
    what: `create an event of ${kind} ${namespace}/${name}`,
    permission,
    explain: { Forbidden: `${explainForbidden(permission)} A namespace that is being deleted takes none either.` },
  };
}

export const TO_READ_VERSION: Asked = { what: "ask the API server for its version", permission: null };

export function toReadLog(namespace: string, pod: string, container: string): Asked {
  return {
    what: `read the log of container ${container} of pod ${namespace}/${pod}`,
    permission: { verb: "get", resource: "pods/log", namespace },
    explain: {
      Refused:
        "There is no log to read: the container is still waiting to start, or the pod has no container of this name.",
      ServerError:
        "The API server could not fetch the log from the node's kubelet; check that the node is Ready and that the control plane can reach its port 10250.",
    },
  };
}

export function toRunCommand(namespace: string, pod: string, container: string): Asked {
  const permission = { verb: "create", resource: "pods/exec", namespace };
  return {
    what: `run a command in container ${container} of pod ${namespace}/${pod}`,
    permission,
    explain: {
      Forbidden:
        `${explainForbidden(permission)} It takes get of the same as well, and the admission policy of this very version: ` +
        "apply what apisix-token-guard manifests --probe prints.",
      Refused: "The container ran no command to its end: it has no shell, or has just stopped.",
      ServerError:
        "The API server could not reach the container through the node's kubelet; check that the node is Ready and that the control plane can reach its port 10250.",
    },
  };
}

export function toAskWhetherMayList(namespace: string, serviceAccount: string, resource: string): Asked {
  return {
    what: `ask whether ServiceAccount ${namespace}/${serviceAccount} may list ${resource}`,
    permission: { verb: "create", resource: "subjectaccessreviews.authorization.k8s.io", namespace: null },
  };
}

/** Everybody who is signed in may ask about themselves (ClusterRole system:basic-user). */
export const toAskWhetherIMay = (wanted: Permission): Asked => ({
  what: `ask whether this identity may ${describePermission(wanted)}`,
  permission: null,
});

/** `list deployments.apps in namespace edge` */
export function describePermission({ verb, resource, namespace }: Permission): string {
  return `${verb} ${resource} ${namespace === null ? "in all namespaces" : `in namespace ${namespace}`}`;
}

/** What to do about a missing permission, with the question that `kubectl` answers once it is granted. */
export function explainForbidden(permission: Permission): string {
  const { verb, resource, namespace } = permission;
  const [main = resource, subresource] = resource.split("/");
  const question = [
    `kubectl auth can-i ${verb} ${main}`,
    ...(subresource === undefined ? [] : [`--subresource=${subresource}`]),
    namespace === null ? "--all-namespaces" : `--namespace ${namespace}`,
  ].join(" ");
  return `This identity lacks the permission to ${describePermission(permission)}; grant it and check with "${question}".`;
}
