import { describe, expect, it } from "vitest";
import { rehearsalCode, rehearsalLines, rehearseEach } from "../../src/cli/rehearsal.ts";
import { DAY, HOUR } from "../../src/model/time.ts";
import { simulateCluster } from "../../src/simulate/cluster.ts";
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

  it("is one for each cluster", async () => {
    const [prod, stage] = [dueCluster(), dueCluster()];
    const targets = [targetOf(prod), targetOf(stage, { name: "stage" })];
    expect(rehearsalLines(await rehearseEach(targets, visitOptions(prod)))).toHaveLength(3);
  });
});
