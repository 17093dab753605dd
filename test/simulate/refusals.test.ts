import { expect, it } from "vitest";
import { simulateCluster } from "../../src/simulate/cluster.ts";

const cluster = () => simulateCluster({ now: Date.UTC(2026, 5, 10) });
const codeOf = async (answer: Promise<{ ok: true } | { ok: false; failure: { code: string } }>) => {
  const settled = await answer;
  return settled.ok ? "ok" : settled.failure.code;
};

it("a fault holds for its call, its namespace, its object and its number of times", async () => {
  const simulated = cluster();
  simulated.addGateway({ namespace: "a" });
  simulated.addGateway({ namespace: "b" });
  simulated.fail({ call: "pods", code: "Timeout", namespace: "a", times: 2 });
  simulated.fail({ call: "configMap", code: "ServerError", name: "apisix" });
  const pods = (namespace: string) => codeOf(simulated.workloads.pods(namespace, ""));
  expect([await pods("b"), await pods("a"), await pods("a"), await pods("a")]).toEqual([
    "ok",
    "Timeout",
    "Timeout",
    "ok",
  ]);
  expect(await codeOf(simulated.workloads.configMap("a", "apisix"))).toBe("ServerError");
  expect(await codeOf(simulated.workloads.configMap("a", "other"))).toBe("NotFound");
  expect(await codeOf(simulated.workloads.replicaSets("a", ""))).toBe("ok");
});

it.each(["server", "workload", "node", "mayList", "log", "patch"] as const)("a fault can hold for %s", async (call) => {
  const simulated = cluster();
  const { kind, namespace, name, pods } = simulated.addGateway();
  simulated.fail({ call, code: "Unreachable" });
  const limits = { sinceSeconds: null, limitBytes: null, maxBytes: 1, maxTime: 1 };
  const calls = {
    server: () => simulated.workloads.server(),
    workload: () => simulated.workloads.workload({ kind, namespace, name }),
    node: () => simulated.workloads.node("node-1"),
    mayList: () => simulated.access.mayList({ namespace, serviceAccount: name }, "endpoints"),
    log: () => simulated.logs.read({ namespace, pod: pods[0] ?? "", container: "apisix", ...limits }, () => {}),
    patch: () =>
      simulated.restarter.patch({ kind, namespace, name }, { metadata: { resourceVersion: "", annotations: {} } }),
  };
  expect(await codeOf(calls[call]())).toBe("Unreachable");
});

it("a permission that is missing in one namespace is missing for the whole cluster, and only there", async () => {
  const simulated = cluster();
  simulated.deny({ verb: "list", resource: "deployments.apps", namespace: "a" });
  const list = (namespace: string | null) => codeOf(simulated.workloads.deployments(namespace, ""));
  expect([await list("a"), await list(null), await list("b")]).toEqual(["Forbidden", "Forbidden", "ok"]);
});
