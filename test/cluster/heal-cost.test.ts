import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../src/model/time.ts";
import { refused } from "../support/check/gateway-logs.ts";
import type { Scenario } from "../support/check/scenario.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { type FaultProxy, startFaultProxy } from "../support/faults/proxy.ts";
import { ON } from "../support/faults/requests.ts";
import { follow } from "../support/guard/follow.ts";
import { restartedAtOf } from "../support/guard/history.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import { type Run, remediateAsGuard } from "../support/guard/run.ts";

/** Each of two pods, one after the other, takes so long to become Ready. */
const SLOW = { delays: { start: 5 * SECOND, ready: 5 * SECOND } };
const PROOF = 25 * SECOND;

/** The Event of the restart, the watch, and the question whether its object is there. */
const TO_FOLLOW = 3;
/** At the end of the rollout: version, three kinds of workloads, ConfigMap, ReplicaSets, pods, and a log of each. */
const TO_LOOK = 9;
/** A busy machine may take so long for that, and have a part of it asked for again. */
const LOOK_TIME = 10 * SECOND;

const inSeconds = (millis: number): string => `${(millis / SECOND).toFixed(1)} s`;

describeCluster("what healing costs", ({ cluster }) => {
  let guarded: GuardedPlace;

  beforeAll(async () => {
    guarded = await guardCluster(cluster);
  });
  afterAll(() => guarded?.leave());

  /** A run in earnest, and when its rollout was over. */
  async function heal(scenario: Scenario): Promise<{ run: Run; took: number; rolledAt: Instant; proxy: FaultProxy }> {
    const { namespace } = await guarded.place(scenario);
    let rolledAt: Instant | undefined;
    const leave = await follow(cluster, "/apis/apps/v1/deployments", (version) => {
      const { metadata, spec, status } = version;
      const figures = [status.replicas, status.updatedReplicas, status.availableReplicas];
      const isOver = status.observedGeneration === metadata.generation && figures.every((one) => one === spec.replicas);
      if (metadata.namespace === namespace && isOver && restartedAtOf(version) !== undefined) rolledAt ??= Date.now();
    });
    const proxy = await startFaultProxy(cluster, []);
    try {
      const begun = Date.now();
      const connection = { server: proxy.url, ca: proxy.ca };
      const policy = { proofPeriod: PROOF };
      const run = await remediateAsGuard(cluster, [namespace], { unhurried: true, policy, connection });
      return { run, took: Date.now() - begun, rolledAt: rolledAt ?? Number.NaN, proxy };
    } finally {
      leave();
      await proxy.close();
    }
  }

  describe.concurrent("one gateway", () => {
    it.each<["renewed" | "cured", Scenario]>([
      ["renewed", { age: 61 * DAY, ...SLOW }],
      ["cured", { age: 13 * HOUR, log: refused, ...SLOW }],
    ])("is %s soon after its rollout and its proof, and not asked about meanwhile", async (result, scenario) => {
      const { run, took, rolledAt, proxy } = await heal(scenario);
      const [gateway] = run.report.gateways;
      expect(gateway).toMatchObject({ verdict: "healthy", outcome: { result } });

      const restartedAt = proxy.requests.find(({ done, text }) => done && ON.restart.test(text))?.at ?? Number.NaN;
      const newest = Math.max(...(gateway?.pods ?? []).map(({ startedAt }) => Date.parse(startedAt ?? "")));
      const provenAt = result === "renewed" ? rolledAt : Math.max(rolledAt, newest + PROOF);
      const waited = provenAt - restartedAt;
      const overhead = took - waited;
      const asked = (from: Instant, to: Instant): string[] =>
        proxy.requests.filter(({ at }) => at > from && at < to).map(({ text }) => text.slice(0, 200));
      // The guard may hear of an end a moment before this test does.
      const toFollow = asked(restartedAt, rolledAt - SECOND);
      const toLook = asked(rolledAt - SECOND, rolledAt + LOOK_TIME);
      const whileProving = asked(rolledAt + LOOK_TIME, provenAt - SECOND);
      process.stdout.write(
        `${result}: ${inSeconds(overhead)} beyond a rollout and proof of ${inSeconds(waited)}; ${proxy.requests.length} ` +
          `requests: ${toFollow.length} to follow the rollout, ${toLook.length} at its end, ${whileProving.length} while proving\n`,
      );

      expect(toFollow.length, toFollow.join("\n")).toBeLessThanOrEqual(TO_FOLLOW);
      if (result === "cured") {
        expect(toLook.length, toLook.join("\n")).toBeLessThan(2 * TO_LOOK);
        expect(whileProving).toEqual([]);
      }
      // A second or so on a machine that has nothing else to do.
      expect(overhead).toBeLessThan(10 * SECOND);
      expect(waited).toBeLessThan(2 * MINUTE);
    });
  });
});
