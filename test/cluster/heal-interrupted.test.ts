import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { CLAIM_REASON } from "../../src/decide/in-flight.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../src/model/annotations.ts";
import { DAY, HOUR, isoSeconds, MINUTE } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import type { Cluster as GuardedCluster, Restarter } from "../../src/ports.ts";
import type { Report } from "../../src/report/schema.ts";
import { arrange } from "../support/check/scenario.ts";
import type { AuditMark } from "../support/control-plane/cluster/audit.ts";
import type { KubeList, KubeObject } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { startControlPlane } from "../support/control-plane/start.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { type History, mostUnderWay } from "../support/guard/history.ts";
import { enforcePolicy, GUARD, grantPermissions } from "../support/guard/install.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import {
  namespacesOf,
  type Run,
  type RunOptions,
  refreshAsGuard,
  remediateAsGuard,
  shown,
} from "../support/guard/run.ts";
import { PLURALS, workloadPath } from "../support/guard/workloads.ts";

const old = 61 * DAY;

/** The guard's patches pass through here. */
const patchingBy =
  (patch: (send: () => ReturnType<Restarter["patch"]>) => ReturnType<Restarter["patch"]>) =>
  (guarded: GuardedCluster): GuardedCluster => ({
    ...guarded,
    restarter: { ...guarded.restarter, patch: (ref, body) => patch(() => guarded.restarter.patch(ref, body)) },
  });

/** Two guards each wait for the other before they write anything. */
function meetingAtTheirFirstPatch(): ReturnType<typeof patchingBy> {
  const { promise: bothAreHere, resolve: go } = Promise.withResolvers<void>();
  let waiting = 0;
  return patchingBy(async (send) => {
    if (++waiting === 2) go();
    await bothAreHere;
    return send();
  });
}

/** The restart has been ordered by then, and its rollout has hardly begun. */
function onFirstLook(act: () => Promise<unknown>): () => Promise<void> {
  let looks = 0;
  return async () => {
    if (++looks === 1) await act();
  };
}

describeCluster("what the guard does when it is disturbed", ({ cluster }) => {
  let place: GuardedPlace["place"];
  let history: History;
  let guarded: GuardedPlace;
  let since: AuditMark;

  beforeAll(async () => {
    guarded = await guardCluster(cluster);
    ({ place, history } = guarded);
    since = await cluster.audit.mark();
  });
  afterAll(() => guarded?.leave());

  const remediate = ({ namespace }: GatewayRef, options?: RunOptions): Promise<Run> =>
    remediateAsGuard(cluster, [namespace], options);

  const pathOf = ({ kind, namespace, name }: GatewayRef): string => workloadPath(kind, namespace, name);

  /** Status codes of what the guard tried to write there. */
  const patches = async ({ namespace }: GatewayRef): Promise<(number | undefined)[]> => {
    const events = await cluster.audit.events({ since, user: GUARD.user });
    return events
      .filter(({ verb, stage }) => verb === "patch" && stage === "ResponseComplete")
      .filter(({ objectRef }) => objectRef?.namespace === namespace)
      .map(({ responseStatus }) => responseStatus?.code);
  };

  /** One restart, and its result is known; claims and results are notes, and the policy lets them change nothing else. */
  const expectRestartedOnce = async (gateway: GatewayRef): Promise<void> => {
    expect(await history.restartsOf(gateway)).toHaveLength(1);
    expect(await history.noteOf(gateway)).toMatchObject({ state: "known", result: "renewed" });
  };

  /** What the looks of a run said came of its restart. */
  const collectOutcomes = (gateway: GatewayRef) => {
    const outcomes: (string | null)[] = [];
    const onLook = (report: Report) => void outcomes.push(shown(report, gateway)?.outcome?.result ?? null);
    return { outcomes, onLook };
  };

  describe.concurrent("by others", () => {
    test("somebody else changes the workload right before it: it looks and decides again", async () => {
      const gateway = await place({ age: old });
      let first = true;
      const through = patchingBy(async (send) => {
        if (first) await cluster.api.patch(pathOf(gateway), { metadata: { labels: { colour: "blue" } } });
        first = false;
        return send();
      });
      const { outcomes, onLook } = collectOutcomes(gateway);
      const run = await remediate(gateway, { through, onLook });
      expect(outcomes[0]).toBe("conflict");
      expect(shown(run.report, gateway)?.outcome?.result).toBe("renewed");
      expect((await patches(gateway))[0]).toBe(409);
      await expectRestartedOnce(gateway);
    });

    test("another guard does the same at the same moment: one of them restarts", async () => {
      const gateway = await place({ age: old });
      const through = meetingAtTheirFirstPatch();
      const guards = [collectOutcomes(gateway), collectOutcomes(gateway)];
      const runs = await Promise.all(guards.map(({ onLook }) => remediate(gateway, { through, onLook })));
      expect(guards.map(({ outcomes }) => outcomes[0])).toContain("conflict");
      expect(runs.map(({ exit }) => exit)).toEqual([0, 0]);
      await expectRestartedOnce(gateway);
    });

    test("another guard restarts another gateway at the same moment: never both at once", async () => {
      const gateways = await Promise.all([place({ age: old }), place({ age: old })]);
      const namespaces = namespacesOf(gateways);
      const through = meetingAtTheirFirstPatch();
      await Promise.all(gateways.map((gateway) => refreshAsGuard(cluster, gateway, namespaces, { through })));
      await remediateAsGuard(cluster, namespaces);
      expect(mostUnderWay(await history.versionsOfAll(gateways))).toBe(1);
      for (const gateway of gateways) await expectRestartedOnce(gateway);
    });

    test("another manager removes restartedAt: it says so, and does not start a fight", async () => {
      const gateway = await place({ age: old, delays: { start: 3_000 } });
      const body = { spec: { template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: null } } } } };
      const onLook = onFirstLook(() => cluster.api.patch(pathOf(gateway), body));
      const run = await remediate(gateway, { onLook, policy: { cooldown: HOUR } });
      expect(shown(run.report, gateway)).toMatchObject({ outcome: { result: "reverted" } });
      expect(run.exit).toBe(2);
      expect(await history.restartsOf(gateway)).toHaveLength(1);
      expect(await history.noteOf(gateway)).toMatchObject({ result: "reverted" });
    });

    test("somebody deletes the workload: it has nothing more to do", async () => {
      const gateway = await place({ age: old, delays: { start: 1_000 } });
      const run = await remediate(gateway, { onLook: onFirstLook(() => cluster.api.delete(pathOf(gateway))) });
      expect(run.report).toMatchObject({ error: { code: "NoGatewayFound" }, gateways: [] });
      expect(await patches(gateway)).not.toContain(404);
    });

    test("somebody replaces the workload by a new one of the same name: it is not taken for the old one", async () => {
      const gateway = await place({ age: old, delays: { start: 1_000 } });
      const replace = async () => {
        const { metadata, spec } = await cluster.api.get<KubeObject>(pathOf(gateway));
        const { name, namespace = "", labels = {} } = metadata;
        await cluster.api.delete(pathOf(gateway));
        await cluster.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace, labels }, spec });
      };
      const run = await remediate(gateway, { onLook: onFirstLook(replace) });
      expect(shown(run.report, gateway)).toMatchObject({ outcome: null, lastRestart: null });
    });

    it.each([
      ["is garbage", "{{{", "not a JSON object"],
      ["lies in the future", JSON.stringify({ at: "2099-01-01T00:00:00Z", reason: "Mine" }), "in the future"],
      ["is huge", "x".repeat(200_000), "longer than 1024 characters"],
    ])("somebody wrote a note that %s: it restarts all the same, and says so", async (_, note, says) => {
      const gateway = await place({ age: old, annotations: { [LAST_RESTART_ANNOTATION]: note } });
      const warnings: string[] = [];
      const onLook = (report: Report) => void warnings.push(...(shown(report, gateway)?.warnings ?? []));
      await remediate(gateway, { onLook });
      expect(warnings).toEqual([expect.stringContaining(says)]);
      await expectRestartedOnce(gateway);
    });

    it.each([
      [2, 4],
      [4, 1],
    ])("an autoscaler makes %i pods %i: it waits for those there are", async (replicas, scaled) => {
      const gateway = await place({ age: old, replicas, delays: { start: 1_000 } });
      const scale = () => cluster.api.patch(`${pathOf(gateway)}/scale`, { spec: { replicas: scaled } });
      const run = await remediate(gateway, { onLook: onFirstLook(scale) });
      expect(shown(run.report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      expect(shown(run.report, gateway)?.pods).toHaveLength(scaled);
      await expectRestartedOnce(gateway);
    });
  });

  describe.concurrent("by SIGKILL", () => {
    /** From its first request to the end of its work, roughly and in milliseconds. */
    const LENGTH = 5_000;
    const COUNT = 10;
    // Closer together in the beginning, where the restart is.
    const MOMENTS = Array.from({ length: COUNT }, (_, index) =>
      Math.round(LENGTH * ((index + Math.random()) / COUNT) ** 2),
    );
    const stages: ("before its restart" | "after its restart" | "after its work")[] = [];

    it.each(MOMENTS)("after %i ms: the next run goes on from there", async (moment) => {
      const gateway = await place({ age: old });
      const wasAlive = await killDuring(gateway, () => sleep(moment));
      const restarts = await history.restartsOf(gateway);
      const note = await history.noteOf(gateway);
      const isDone = !wasAlive || (note.state === "known" && note.result !== null);
      stages.push(isDone ? "after its work" : restarts.length === 0 ? "before its restart" : "after its restart");
      expect(restarts.length).toBeLessThanOrEqual(1);

      const run = await remediate(gateway);
      expect(run.exit).toBe(0);
      await expectRestartedOnce(gateway);
    });

    test("at the moment of its restart: the next run follows that one", async () => {
      const gateway = await place({ age: old });
      await killDuring(gateway, () =>
        waitFor("a restart", async () => (await history.restartsOf(gateway)).length === 1, { interval: 10 }),
      );
      const run = await remediate(gateway);
      expect(shown(run.report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      await expectRestartedOnce(gateway);
    });

    test("between its claim and its restart: the next run waits until the claim has lapsed", async () => {
      const gateway = await place({ age: old });
      let patched = 0;
      const through = patchingBy((send) => (++patched === 2 ? Promise.reject(new Error("killed")) : send()));
      await expect(remediate(gateway, { through })).rejects.toThrow("killed");
      expect(await history.noteOf(gateway)).toMatchObject({ reason: CLAIM_REASON, result: null });

      await remediate(gateway, { once: true });
      expect(await history.restartsOf(gateway)).toEqual([]);

      await ageNote(gateway, 2 * MINUTE);
      await remediate(gateway);
      await expectRestartedOnce(gateway);
    });

    /** Makes the guard's note on a workload look as if it had been written so long ago. */
    const ageNote = ({ kind, namespace, name }: GatewayRef, age: number) =>
      cluster.etcd.rewrite(`${PLURALS[kind]}/${namespace}/${name}`, ({ metadata: { annotations = {} } }) => {
        const note = JSON.parse(annotations[LAST_RESTART_ANNOTATION] ?? "");
        annotations[LAST_RESTART_ANNOTATION] = JSON.stringify({ ...note, at: isoSeconds(Date.now() - age) });
      });

    afterAll(() => {
      // None was asked for.
      if (stages.length === 0) return;
      // Else the moments would say little: the machine is much faster or slower than the length above.
      expect(stages).toEqual(expect.arrayContaining(["before its restart", "after its restart"]));
    });

    /** Whether it was still there to be killed. */
    async function killDuring({ namespace }: GatewayRef, moment: () => Promise<unknown>): Promise<boolean> {
      const script = "test/support/guard/remediate-process.ts";
      const child = spawn(process.execPath, [script, cluster.runDirectory, namespace], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      await once(child.stdout, "data");
      await moment();
      child.kill("SIGKILL");
      const [, signal] = await ended;
      return signal === "SIGKILL";
    }
  });
});

describeCluster("an API server that dies while the guard waits", ({ binaries }) => {
  let own: ControlPlane;

  beforeAll(async () => {
    own = await startControlPlane({ binaries, nodes: 1 });
  });
  afterAll(() => own?.stop());

  /** Templates that it ever had. */
  const templates = async (namespace: string): Promise<number> =>
    (await own.api.get<KubeList>(`/apis/apps/v1/namespaces/${namespace}/replicasets`)).items.length;

  test("is a clear error, and the next run finishes the job", async () => {
    const namespace = await own.namespace("heal");
    await grantPermissions(own, [namespace]);
    await enforcePolicy(own, namespace);
    await arrange(own, namespace, { age: old, node: "node-1", delays: { start: 1_000 } });

    const broken = remediateAsGuard(own, [namespace], { onLook: () => own.killApiServer() });
    await expect(broken).rejects.toMatchObject({
      code: "ClusterUnreachable",
      message: expect.stringMatching(/^Cluster test: .*127\.0\.0\.1/),
    });

    await own.restartApiServer();
    const { report } = await remediateAsGuard(own, [namespace]);
    expect(report.gateways).toMatchObject([{ outcome: { result: "renewed" }, lastRestart: { result: "renewed" } }]);
    expect(await templates(namespace)).toBe(2);
  });
});
