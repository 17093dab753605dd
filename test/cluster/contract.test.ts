import { fromContext } from "../../src/adapters/kubeconfig.ts";
import { connect } from "../../src/adapters/kubernetes/connect.ts";
import { type ContractHarness, describeClusterContract } from "../contract/cluster-contract.ts";
import { isReady } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import type { Cluster } from "../support/control-plane/cluster.ts";
import {
  gatewayDaemonSet,
  gatewayDeployment,
  gatewaySelector,
  gatewayStatefulSet,
  gatewaySupport,
} from "../support/control-plane/manifests.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { guardEventsOf } from "../support/guard/events.ts";

const MANIFESTS = { Deployment: gatewayDeployment, DaemonSet: gatewayDaemonSet, StatefulSet: gatewayStatefulSet };
const LISTS = { Deployment: "deployments", DaemonSet: "daemonsets", StatefulSet: "statefulsets" };

describeCluster("over a real API server", ({ cluster }) => {
  describeClusterContract("kube-apiserver", () => realHarness(cluster));
});

async function realHarness(control: Cluster): Promise<ContractHarness> {
  const signIn = (user: "admin" | "nobody") =>
    fromContext({ file: control.kubeconfig(user), environment: process.env });
  const cluster = connect(await signIn("admin"));
  const inPages = connect({ ...(await signIn("admin")), limits: { pageSize: 2 } });
  const nobody = connect(await signIn("nobody"));
  return {
    cluster,
    inPages,
    nobody,
    namespace: () => control.namespace("contract"),
    addGateway: async ({ kind, replicas, ...gateway }) => {
      await control.apply([...gatewaySupport(gateway), MANIFESTS[kind]({ ...gateway, replicas })]);
      await control.pods.ready(gateway.namespace, gatewaySelector(gateway.name), replicas);
      await observed(control, kind, gateway);
    },
    writeLog: async ({ namespace, pod }, lines) => {
      const now = Date.now();
      await control.logs.set(
        { namespace, name: pod },
        {
          container: "apisix",
          lines: lines.map(({ secondsAgo, text }) => ({ text, at: new Date(now - secondsAgo * 1000) })),
        },
      );
    },
    allowList: async (namespace, serviceAccount, resource) => {
      const name = `${namespace}-${serviceAccount}`;
      const [plural, ...group] = resource.split(".");
      await control.apply([
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRole",
          metadata: { name },
          rules: [{ apiGroups: [group.join(".")], resources: [plural], verbs: ["list"] }],
        },
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRoleBinding",
          metadata: { name },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
          subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace }],
        },
      ]);
      await waitFor("the permission to be in force", async () => {
        const answer = await cluster.access.mayList({ namespace, serviceAccount }, resource);
        return answer.ok && answer.value;
      });
    },
    rolledOver: ({ kind, namespace, name }) => observed(control, kind, { namespace, name }, 60_000),
    guardEventsOf: async (ref) =>
      (await guardEventsOf(control, ref)).map(({ type, reason, message, firstTimestamp }) => {
        return { type, reason, message, at: Date.parse(firstTimestamp) };
      }),
    close: async () => {
      for (const connection of [cluster, inPages, nobody]) connection.close();
    },
  };
}

/** Until the controller has seen the newest template, and every pod of the workload is of it and Ready. */
async function observed(
  control: Cluster,
  kind: keyof typeof LISTS,
  { namespace, name }: { namespace: string; name: string },
  timeout = 20_000,
): Promise<void> {
  await waitFor(
    `${kind} ${namespace}/${name} to have rolled over`,
    async () => {
      const { metadata, spec, status } = await control.api.get<Awaited<ReturnType<typeof control.apply>>[number]>(
        `/apis/apps/v1/namespaces/${namespace}/${LISTS[kind]}/${name}`,
      );
      const desired = kind === "DaemonSet" ? status.desiredNumberScheduled : spec.replicas;
      const figures =
        kind === "DaemonSet"
          ? [status.updatedNumberScheduled, status.numberAvailable]
          : [status.updatedReplicas, status.availableReplicas, status.replicas];
      const pods = await control.pods.list(namespace, gatewaySelector(name));
      return (
        status.observedGeneration === metadata.generation &&
        figures.every((figure) => (figure ?? 0) === desired) &&
        pods.length === desired &&
        pods.every(isReady)
      );
    },
    { timeout },
  );
}
