import { describe, expect, it } from "vitest";
import { type Read, read } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import type { ExecRequest } from "../../src/ports.ts";
import type { ReconcileOptions } from "../../src/reconcile.ts";
import { reconcile } from "../../src/reconcile.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import type { GatewaySpec } from "../../src/simulate/gateway-spec.ts";
import { NOW, SETTINGS } from "../support/gateways.ts";

const OPTIONS: ReconcileOptions = {
  name: "simulated",
  scope: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
  evidence: { logs: true, config: true, probe: true },
  settings: SETTINGS,
  at: null,
  restarter: null,
};

/** A cluster with such a gateway; what is run in its pods is noted, and answered with `output` where that is given. */
function clusterWith(spec: GatewaySpec, output?: string) {
  const simulated = simulateCluster({ now: NOW, gitVersion: "v1.33.5" });
  const added = simulated.addGateway(spec);
  const ran: ExecRequest[] = [];
  const exec = {
    run: async (request: ExecRequest): Promise<Read<Uint8Array>> => {
      ran.push(request);
      return output === undefined ? simulated.exec.run(request) : read(Buffer.from(output));
    },
  };
  return { cluster: { ...simulated, exec }, simulated, added, ran };
}

async function look(cluster: SimulatedCluster, options: Partial<ReconcileOptions> = {}) {
  const { plan } = await reconcile(cluster, { ...OPTIONS, ...options });
  const [decision] = plan?.decisions ?? [];
  if (decision === undefined) throw new Error("a gateway got lost");
  return decision;
}

describe("a pod is asked", () => {
  it("once, with the script and the path of its token file, within limits", async () => {
    const { cluster, ran, added } = clusterWith({});
    await look(cluster);
    expect(ran.map(({ pod }) => pod).toSorted()).toEqual([...added.pods].toSorted());
    expect(ran[0]).toMatchObject({
      namespace: "apisix",
      container: "apisix",
      command: ["sh", "-c", expect.any(String), "sh", "/var/run/secrets/kubernetes.io/serviceaccount/token"],
      maxBytes: 65_536,
      maxTime: 10 * SECOND,
    });
  });

  it("for the file that its configuration names", async () => {
    const file = "/run/secrets/kubernetes.io/serviceaccount/token";
    const { cluster, ran } = clusterWith({ config: `discovery: { kubernetes: { client: { token_file: ${file} } } }` });
    await look(cluster);
    expect(ran.map(({ command }) => command.at(-1))).toEqual([file, file, file]);
  });

  it.each<[string, GatewaySpec, number]>([
    ["an image that does not tell its version", { image: "apache/apisix@sha256:ab" }, 3],
    ["a version that reads its token anew", { image: "apache/apisix:3.13.0" }, 0],
    ["a version from before discovery", { image: "apache/apisix:2.10.0" }, 0],
    ["another product", { image: "api7/api7-ee-3-gateway:3.2.1" }, 0],
    ["a static token", { config: "discovery: { kubernetes: { client: { token: abc } } }" }, 0],
    ["discovery off", { config: "apisix: {}" }, 0],
    ["one pod that waits and one that is pending", { pods: [{ state: "waiting" }, { state: "pending" }] }, 1],
  ])("as far as its answer matters: %s", async (_case, spec, times) => {
    const { cluster, ran } = clusterWith(spec);
    const { warnings } = await look(cluster);
    expect(ran.length).toBe(times);
    expect(warnings.filter((warning) => warning.includes("probe"))).toEqual([]);
  });

  it("only if that is asked for", async () => {
    const { cluster, ran } = clusterWith({});
    expect((await look(cluster, { evidence: { logs: true, config: true } })).token?.evidence).toBe("container-start");
    expect(ran).toEqual([]);
  });
});

describe("what it answers", () => {
  const OLD = { createdAgo: 71 * DAY, startedAgo: 70 * DAY } as const;

  it("frees a gateway that was reloaded from a restart, and without the probe it would be restarted", async () => {
    const { cluster, simulated, added } = clusterWith(OLD);
    for (const pod of added.pods) simulated.reload({ namespace: "apisix", pod, container: "apisix" });
    const restarting = { restarter: simulated.restarter };
    expect(await look(cluster, restarting)).toMatchObject({ verdict: "healthy", token: { evidence: "probe" } });
    expect(await look(cluster, { evidence: { logs: true, config: true } })).toMatchObject({ verdict: "due" });
  });

  it("is exact after a reload, until the file is renewed", async () => {
    const { cluster, simulated, added } = clusterWith({ createdAgo: DAY + 10 * MINUTE });
    for (const pod of added.pods) simulated.reload({ namespace: "apisix", pod, container: "apisix" });
    const { token, warnings } = await look(cluster);
    expect(warnings).toEqual([]);
    expect(token?.evidence).toBe("probe");
    expect(token?.issuedAt?.earliest).toBe(token?.issuedAt?.latest);
    expect(NOW - (token?.issuedAt?.latest ?? 0)).toBeLessThan(HOUR);
    expect(token?.lifetime).toEqual({ millis: 365 * DAY, from: "claims" });
  });

  it("still counts when the gateway is looked at again before its restart", async () => {
    const { cluster, ran, simulated } = clusterWith(OLD);
    const { plan } = await reconcile(cluster, { ...OPTIONS, restarter: simulated.restarter });
    expect(plan?.restarts.length).toBe(1);
    expect(ran.length).toBe(6);
  });

  it.each(["Forbidden", "Timeout", "TooLarge", "Refused", "InvalidAnswer", "ServerError"] as const)(
    "is done without where there is none: %s",
    async (code) => {
      const { cluster, simulated } = clusterWith(OLD);
      simulated.fail({ call: "exec", code });
      const without = await look(cluster, { evidence: { logs: true, config: true } });
      const { warnings, ...decision } = await look(cluster);
      expect({ ...decision, warnings: [] }).toEqual(without);
      expect(warnings).toEqual([expect.stringMatching(/^The probe of pod \S+ and 2 more tells nothing/)]);
    },
  );

  it("is nothing but a warning when it is rubbish, and none of it is shown", async () => {
    const { cluster } = clusterWith(OLD, "canary-5ecr3t\u001b[31m\n".repeat(100));
    const { warnings, token, verdict } = await look(cluster);
    expect({ verdict, evidence: token?.evidence }).toEqual({ verdict: "due", evidence: "container-start" });
    expect(warnings).toEqual([expect.stringMatching(/not the answer of the probe\.$/)]);
    expect(JSON.stringify(warnings)).not.toContain("canary");
  });
});
