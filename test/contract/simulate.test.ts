import type { Permission } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import { gatewayId } from "../../src/model/workload.ts";
import { simulateCluster } from "../../src/simulate/cluster.ts";
import { recorded } from "../../src/simulate/container-log.ts";
import { type ContractHarness, describeClusterContract } from "./cluster-contract.ts";

/** Everything the guard may ever ask for. */
const PERMISSIONS: readonly Permission[] = [
  ..."deployments.apps daemonsets.apps statefulsets.apps rollouts.argoproj.io pods replicasets.apps controllerrevisions.apps"
    .split(" ")
    .map((resource) => ({ verb: "list", resource, namespace: null })),
  ..."deployments.apps daemonsets.apps statefulsets.apps configmaps serviceaccounts nodes pods/log"
    .split(" ")
    .map((resource) => ({ verb: "get", resource, namespace: null })),
  { verb: "create", resource: "subjectaccessreviews.authorization.k8s.io", namespace: null },
  { verb: "watch", resource: "deployments.apps", namespace: null },
  { verb: "create", resource: "pods/exec", namespace: null },
  { verb: "create", resource: "events", namespace: null },
  { verb: "patch", resource: "deployments.apps", namespace: null },
];

async function simulatedHarness(): Promise<ContractHarness> {
  const now = Date.UTC(2026, 5, 10, 12);
  const cluster = simulateCluster({ now });
  const nobody = simulateCluster({ now });
  for (const permission of PERMISSIONS) nobody.deny(permission);
  let namespaces = 0;
  return {
    cluster,
    // It hands out its lists whole.
    inPages: cluster,
    nobody,
    namespace: async () => `test-${++namespaces}`,
    addGateway: async (gateway) => {
      cluster.addGateway({ ...gateway, createdAgo: DAY, startedAgo: HOUR });
    },
    writeLog: async (pod, lines) => {
      const at = cluster.clock.now();
      const records = lines.map(({ secondsAgo, text }) => ({ at: at - secondsAgo * SECOND, text }));
      cluster.setLog({ ...pod, container: "apisix" }, { sources: [recorded(records)], fileAge: null });
    },
    allowList: async (namespace, serviceAccount, resource) => cluster.allowList(namespace, serviceAccount, resource),
    rolledOver: async () => cluster.clock.advance(10 * MINUTE),
    guardEventsOf: async (ref) =>
      cluster
        .events()
        .filter(({ workload }) => gatewayId(workload) === gatewayId(ref))
        .map(({ type, reason, message, at }) => ({ type, reason, message, at })),
    close: async () => {},
  };
}

describeClusterContract("in memory", simulatedHarness);
