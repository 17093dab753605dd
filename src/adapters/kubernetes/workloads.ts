import { AppsV1Api, type Configuration, CoreV1Api, CustomObjectsApi, VersionApi } from "@kubernetes/client-node";
import { type Asked, TO_READ_VERSION, toList, toRead, toReadWorkload } from "../../model/asked.ts";
import type { KubeObject } from "../../model/kubernetes.ts";
import { type Read, read } from "../../model/read.ts";
import type { Workloads } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { everyPage, type Page, type PageRequest } from "./pages.ts";
import { invalidAnswer } from "./request-failed.ts";
import { parseHttpDate } from "./server-date.ts";

const ROLLOUTS = { group: "argoproj.io", version: "v1alpha1" };

/** `now` is the guard's own clock. */
export function kubernetesWorkloads(
  configuration: Configuration,
  label: string,
  pageSize: number,
  now: () => number,
): Omit<Workloads, "follow"> {
  const core = new CoreV1Api(configuration);
  const apps = new AppsV1Api(configuration);
  const custom = new CustomObjectsApi(configuration);
  const version = new VersionApi(configuration);

  const list = <T>(asked: Asked, kind: string, page: (request: PageRequest) => Promise<Page<T>>): Promise<Read<T[]>> =>
    attempt(asked, label, () => everyPage(kind, label, pageSize, page));

  const one = <T extends KubeObject>(asked: Asked, name: string, get: () => Promise<T>): Promise<Read<T>> =>
    attempt(asked, label, async () => {
      const object = await get();
      if (object?.metadata?.name !== name) throw invalidAnswer(label, "another object than the one asked for");
      return object;
    });

  return {
    server: () =>
      attempt(TO_READ_VERSION, label, async () => {
        const { headers, data } = await version.getCodeWithHttpInfo();
        const localAt = now();
        const at = parseHttpDate(headers.date);
        if (at === null) throw invalidAnswer(label, "no valid Date header");
        if (typeof data?.gitVersion !== "string" || data.gitVersion === "") throw invalidAnswer(label, "no version");
        return { at, localAt, gitVersion: data.gitVersion };
      }),
    deployments: (namespace, labelSelector) =>
      list(toList("deployments.apps", namespace), "DeploymentList", (page) =>
        namespace === null
          ? apps.listDeploymentForAllNamespaces({ labelSelector, ...page })
          : apps.listNamespacedDeployment({ namespace, labelSelector, ...page }),
      ),
    daemonSets: (namespace, labelSelector) =>
      list(toList("daemonsets.apps", namespace), "DaemonSetList", (page) =>
        namespace === null
          ? apps.listDaemonSetForAllNamespaces({ labelSelector, ...page })
          : apps.listNamespacedDaemonSet({ namespace, labelSelector, ...page }),
      ),
    statefulSets: (namespace, labelSelector) =>
      list(toList("statefulsets.apps", namespace), "StatefulSetList", (page) =>
        namespace === null
          ? apps.listStatefulSetForAllNamespaces({ labelSelector, ...page })
          : apps.listNamespacedStatefulSet({ namespace, labelSelector, ...page }),
      ),
    rollouts: async (namespace, labelSelector) => {
      const answer = await list<KubeObject>(toList("rollouts.argoproj.io", namespace), "RolloutList", (page) =>
        namespace === null
          ? custom.listCustomObjectForAllNamespaces({ ...ROLLOUTS, resourcePlural: "rollouts", labelSelector, ...page })
          : custom.listNamespacedCustomObject({ ...ROLLOUTS, plural: "rollouts", namespace, labelSelector, ...page }),
      );
      // The list of a kind that exists is never 404, not even in a namespace that does not: the cluster has no Argo Rollouts.
      return !answer.ok && answer.failure.code === "NotFound" ? read([]) : answer;
    },
    workload: async (ref) => {
      const { kind, namespace, name } = ref;
      const asked = toReadWorkload(ref);
      switch (kind) {
        case "Deployment":
          return withKind(kind, await one(asked, name, () => apps.readNamespacedDeployment({ namespace, name })));
        case "DaemonSet":
          return withKind(kind, await one(asked, name, () => apps.readNamespacedDaemonSet({ namespace, name })));
        case "StatefulSet":
          return withKind(kind, await one(asked, name, () => apps.readNamespacedStatefulSet({ namespace, name })));
      }
    },
    pods: (namespace, labelSelector) =>
      list(toList("pods", namespace), "PodList", (page) =>
        core.listNamespacedPod({ namespace, labelSelector, ...page }),
      ),
    replicaSets: (namespace, labelSelector) =>
      list(toList("replicasets.apps", namespace), "ReplicaSetList", (page) =>
        apps.listNamespacedReplicaSet({ namespace, labelSelector, ...page }),
      ),
    controllerRevisions: (namespace, labelSelector) =>
      list(toList("controllerrevisions.apps", namespace), "ControllerRevisionList", (page) =>
        apps.listNamespacedControllerRevision({ namespace, labelSelector, ...page }),
      ),
    serviceAccount: (namespace, name) =>
      one(toRead("ServiceAccount", "serviceaccounts", namespace, name), name, () =>
        core.readNamespacedServiceAccount({ namespace, name }),
      ),
    configMap: (namespace, name) =>
      one(toRead("ConfigMap", "configmaps", namespace, name), name, () =>
        core.readNamespacedConfigMap({ namespace, name }),
      ),
    node: (name) => one(toRead("node", "nodes", null, name), name, () => core.readNode({ name })),
  };
}

const withKind = <K extends string, T>(kind: K, answer: Read<T>): Read<{ readonly kind: K; readonly object: T }> =>
  answer.ok ? read({ kind, object: answer.value }) : answer;
