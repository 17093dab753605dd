import { describe, expect, it } from "vitest";
import { rehearsalCode, rehearsalLines, rehearseEach } from "../../src/cli/rehearsal.ts";
import { RELOAD_SCRIPT } from "../../src/evidence/reload-script.ts";
import { DAY, HOUR } from "../../src/model/time.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import type { Fault } from "../../src/simulate/refusals.ts";
import { settings } from "../support/gateways.ts";
import { targetOf, visitOptions } from "../support/simulated-target.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");

function dueCluster() {
  const cluster = simulateCluster({ now: NOW });
  cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 91 * DAY, refusedFor: HOUR });
  cluster.addGateway({ namespace: "edge", name: "search", createdAgo: 61 * DAY });
  return cluster;
}

describe("a dry run", () => {
  it("tries the restart that would come first, and leaves the cluster as it was", async () => {
    const cluster = dueCluster();
    const before = cluster.store.list("Deployment", null);
    const rehearsal = await rehearseEach([targetOf(cluster)], visitOptions(cluster));
    expect(rehearsalLines(rehearsal)).toEqual([
      "dry run: nothing was changed",
      "prod: edge/checkout: the API server would accept the restart.",
    ]);
    expect(rehearsalCode(rehearsal)).toBe(0);
    expect(rehearsal.results).toMatchObject([{ cluster: "prod", error: null, outcomes: [] }]);
    expect(cluster.store.list("Deployment", null)).toEqual(before);
    expect(cluster.clock.now()).toBe(NOW);
  });

  it("fails where a restart would", async () => {
    const cluster = dueCluster();
    cluster.fail({ call: "patch", code: "Refused" });
    const rehearsal = await rehearseEach([targetOf(cluster)], visitOptions(cluster));
    expect(rehearsalLines(rehearsal)[1]).toMatch(/^prod: edge\/checkout: the API server would refuse the restart: /);
    expect(rehearsalCode(rehearsal)).toBe(1);
  });

  describe("of a reload", () => {
    const reloads = { settings: settings({ cure: "reload" }) };
    const probing = (cluster: SimulatedCluster) => ({
      ...visitOptions(cluster),
      evidence: { logs: true, config: true, probe: true },
    });
    const dueForReload = () => {
      const cluster = simulateCluster({ now: NOW });
      const gateway = cluster.addGateway({ namespace: "edge", name: "search", createdAgo: 61 * DAY });
      return { cluster, gateway };
    };

    it("runs the command in every pod, and ends nothing", async () => {
      const { cluster, gateway } = dueForReload();
      const commands: string[] = [];
      const { run } = cluster.exec;
      cluster.exec.run = (request) => {
        if (request.command[2] === RELOAD_SCRIPT) commands.push(`${request.pod} ${request.command.at(-1)}`);
        return run(request);
      };
      const before = cluster.store.list("Deployment", null);
      const rehearsal = await rehearseEach([targetOf(cluster, reloads)], probing(cluster));
      expect(rehearsalLines(rehearsal)).toEqual([
        "dry run: nothing was changed",
        "prod: edge/search: the API server and its pods would accept the reload.",
      ]);
      expect(commands).toEqual(gateway.pods.toSorted().map((pod) => `${pod} 0`));
      expect(cluster.store.list("Deployment", null)).toEqual(before);
      const [again] = (await rehearseEach([targetOf(cluster, reloads)], probing(cluster))).results;
      expect(again?.plan?.decisions).toMatchObject([{ verdict: "due", action: "reload" }]);
    });

    it.each<[string, Fault]>([
      ["the note", { call: "patch", code: "Forbidden" }],
      ["a command", { call: "reload", code: "Forbidden" }],
    ])("fails with %s", async (_what, fault) => {
      const { cluster } = dueForReload();
      cluster.fail(fault);
      const rehearsal = await rehearseEach([targetOf(cluster, reloads)], probing(cluster));
      expect(rehearsalCode(rehearsal)).toBe(1);
      expect(rehearsalLines(rehearsal)[1]).toMatch(/^prod: edge\/search: .* would refuse the reload: /);
    });
  });

  it("is one for each cluster", async () => {
    const [prod, stage] = [dueCluster(), dueCluster()];
    const targets = [targetOf(prod), targetOf(stage, { name: "stage" })];
    expect(rehearsalLines(await rehearseEach(targets, visitOptions(prod)))).toHaveLength(3);
  });
});
