import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { ConnectOptions } from "../../src/adapters/kubernetes/connect.ts";
import { GuardError } from "../../src/model/errors.ts";
import { DAY, HOUR, SECOND } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import { refused } from "../support/check/gateway-logs.ts";
import type { Scenario } from "../support/check/scenario.ts";
import type { KubeObject } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { type Fault, type FaultProxy, type Rule, startFaultProxy } from "../support/faults/proxy.ts";
import { ON } from "../support/faults/requests.ts";
import type { History } from "../support/guard/history.ts";
import { GUARD } from "../support/guard/install.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import { type Run, type RunOptions, remediateAsGuard, shown } from "../support/guard/run.ts";
import { workloadPath } from "../support/guard/workloads.ts";

/** Restarted within seconds, in case nothing goes wrong. */
const OLD: Scenario = { age: 61 * DAY, replicas: 1 };
const REFUSED: Scenario = { age: 13 * HOUR, replicas: 1, log: refused };

/** Long for this API server, and short for a person who waits. */
const LIMITS = { connectTimeout: 3 * SECOND, answerTimeout: 3 * SECOND };

const RESET = { reset: "before" } as const;
const LOST = { reset: "after" } as const;

type Name = keyof typeof ON;

/** Of which a person must hear, when they go on. */
const FAULTS: readonly (readonly [what: string, fault: Fault, says: RegExp])[] = [
  ["429 for eleven days", { status: 429, retryAfter: "999999" }, /too busy to answer \(429\)/],
  ["429 for a time that is none", { status: 429, retryAfter: "-1" }, /too busy to answer \(429\)/],
  ["429 until a date", { status: 429, retryAfter: "Fri, 31 Dec 2027 23:59:59 GMT" }, /too busy to answer \(429\)/],
  ["500", { status: 500 }, /\(500\)|kubelet/],
  ["503", { status: 503 }, /\(503\)|kubelet/],
  ["401", { status: 401 }, /does not accept the sign-in \(401\)/],
  ["a connection that breaks", RESET, /No connection to 127\.0\.0\.1:\d+, or it broke/],
  ["a connection that breaks before the answer", LOST, /No connection to 127\.0\.0\.1:\d+, or it broke/],
  ["no answer", { stall: "before" }, /did not answer within 3 s/],
  ["half an answer, and then nothing", { stall: "middle" }, /did not end within 3 s/],
  ["half an answer", { half: true }, /did not answer as a Kubernetes API server does/],
  ["a web page", { page: true }, /did not answer as a Kubernetes API server does/],
];

const hit = (run: Run): string => JSON.stringify(run.report);

describeCluster("what the guard does when its API server fails it", ({ cluster }) => {
  let place: GuardedPlace["place"];
  let history: History;
  let guarded: GuardedPlace;

  beforeAll(async () => {
    guarded = await guardCluster(cluster);
    ({ place, history } = guarded);
  });
  afterAll(() => guarded?.leave());

  const remediate = ({ namespace }: GatewayRef, options?: RunOptions): Promise<Run> =>
    remediateAsGuard(cluster, [namespace], options);

  /** A run through a proxy with these rules: what it leaves, or the error that stopped it. */
  const remediateThrough = async (
    gateway: GatewayRef,
    rules: readonly Rule[],
    { connection, ...options }: RunOptions = {},
  ): Promise<{ run: Run | null; error: unknown; proxy: FaultProxy }> => {
    const proxy = await startFaultProxy(cluster, rules);
    const way: Partial<ConnectOptions> = { server: proxy.url, ca: proxy.ca, limits: LIMITS, ...connection };
    try {
      return { run: await remediate(gateway, { ...options, connection: way }), error: null, proxy };
    } catch (error) {
      return { run: null, error, proxy };
    } finally {
      expect(proxy.faults()).toBeGreaterThan(0);
      await proxy.close();
    }
  };

  const restarts = async (gateway: GatewayRef): Promise<number> => (await history.restartsOf(gateway)).length;

  /** One restart since the gateway was placed, and its result stands on it. */
  const expectHealed = async (gateway: GatewayRef, result: "renewed" | "cured" = "renewed"): Promise<void> => {
    expect(await restarts(gateway)).toBe(1);
    expect(await history.noteOf(gateway)).toMatchObject({ state: "known", result });
  };

  /** The API server is itself again, and the Deployment's controller has seen what the run before left on it. */
  const expectNextRunHeals = async (gateway: GatewayRef, result?: "renewed" | "cured"): Promise<void> => {
    const { kind, namespace, name } = gateway;
    await waitFor("the controller to see the newest note", async () => {
      const { metadata, status } = await cluster.api.get<KubeObject>(workloadPath(kind, namespace, name));
      return status.observedGeneration === metadata.generation;
    });
    const { report, exit } = await remediate(gateway);
    expect(shown(report, gateway)?.blockers).toEqual([]);
    expect(exit).toBe(0);
    await expectHealed(gateway, result);
  };

  describe.concurrent("before anything is done", () => {
    const unreachable = (error: unknown) => {
      expect(error).toBeInstanceOf(GuardError);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(ClusterUnreachable|SignInFailed)$/) });
      return String(error);
    };
    const reads: readonly (readonly [Name, Scenario, (run: Run, gateway: GatewayRef) => void])[] = [
      ["version", OLD, () => expect.unreachable()],
      [
        "deployments",
        OLD,
        ({ report, exit }) => {
          expect(report.error?.code).toBe("ClusterUnreadable");
          expect(exit).toBe(1);
        },
      ],
      [
        "pods",
        OLD,
        ({ report, exit }, gateway) => {
          expect(shown(report, gateway)).toMatchObject({ verdict: "unknown", reason: "PodsUnreadable" });
          expect(exit).toBe(1);
        },
      ],
      [
        "log",
        REFUSED,
        ({ report, exit }, gateway) => {
          expect(shown(report, gateway)).toMatchObject({ verdict: "unknown", reason: "LogsUnreadable" });
          expect(exit).toBe(1);
        },
      ],
      ...(["serviceAccount", "review"] as const).map(
        (name) =>
          [
            name,
            REFUSED,
            ({ report, exit }: Run, gateway: GatewayRef) => {
              expect(shown(report, gateway)?.blockers).toMatchObject([{ reason: "DiscoveryForbidden", waived: false }]);
              expect(exit).toBe(2);
            },
          ] as const,
      ),
    ];

    it.each(reads)("it does nothing without: %s", async (name, scenario, expectUnknown) => {
      const gateway = await place(scenario);
      for (const [what, fault, says] of FAULTS) {
        // A log that is cut short is told by its time limit, half a minute, and half a line of it by nothing.
        if (name === "log" && ("half" in fault || ("stall" in fault && fault.stall === "middle"))) continue;
        const { run, error, proxy } = await remediateThrough(gateway, [{ on: ON[name], fault }], { once: true });
        expect(
          proxy.requests.filter(({ text }) => ON.anyPatch.test(text)),
          what,
        ).toEqual([]);
        if (run !== null) expectUnknown(run, gateway);
        expect(run === null ? unreachable(error) : hit(run), what).toMatch(says);
      }
      await expectNextRunHeals(gateway, scenario === REFUSED ? "cured" : "renewed");
    });

    test("it waits as long as it is asked to, once for each of its reads", async () => {
      const gateway = await place(OLD);
      const names: readonly Name[] = [
        "version",
        "deployments",
        "pods",
        "log",
        "replicaSets",
        "serviceAccount",
        "review",
      ];
      const rules = names.flatMap((name): Rule[] => [
        { on: ON[name], fault: { status: 429, retryAfter: "1" }, times: 1 },
        { on: ON[name], fault: { status: 503, retryAfter: "0" }, times: 1 },
      ]);
      const { run, proxy } = await remediateThrough(gateway, rules);
      expect(proxy.faults()).toBe(rules.length);
      expect(run?.exit).toBe(0);
      await expectHealed(gateway);
    });
  });

  describe.concurrent("at one of its patches", () => {
    const passing: readonly (readonly [string, Fault])[] = [
      ["429", { status: 429, retryAfter: "1" }],
      ["500", { status: 500 }],
      ["a connection that breaks", RESET],
      ["no answer", { stall: "before" }],
    ];
    const page: readonly [string, Fault] = ["a web page", { page: true }];
    const lost: readonly (readonly [string, Fault])[] = [
      ["a lost answer", LOST],
      ["an answer that does not come", { stall: "after" }],
    ];

    it.each([...passing, ...lost])("the claim, %s: it is tried again, and done once", async (_, fault) => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, [{ on: ON.claim, fault, times: 1 }]);
      expect(run && shown(run.report, gateway)).toMatchObject({ verdict: "healthy", outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });

    it.each(passing)("the restart, %s: it is tried again, and done once", async (_, fault) => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, [{ on: ON.restart, fault, times: 1 }]);
      expect(run && shown(run.report, gateway)).toMatchObject({ verdict: "healthy", outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });

    it.each(["claim", "restart"] as const)("the %s, a web page: no restart, and the next run does it", async (name) => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, [{ on: ON[name], fault: page[1], times: 1 }]);
      expect(run && shown(run.report, gateway)).toMatchObject({ verdict: "due", outcome: { result: "deferred" } });
      expect(await restarts(gateway)).toBe(0);
      await expectNextRunHeals(gateway);
    });

    it.each(lost)("the restart, %s: it finds out, and follows it", async (_, fault) => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, [{ on: ON.restart, fault, times: 1 }]);
      expect(run && shown(run.report, gateway)).toMatchObject({ verdict: "healthy", outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });

    test("the restart, a lost answer and no other after it: the next run follows it", async () => {
      const gateway = await place(OLD);
      const { error } = await remediateThrough(gateway, [
        { on: ON.restart, fault: LOST, times: 1 },
        { on: ON.any, fault: RESET, after: ON.restart },
      ]);
      expect(error).toMatchObject({ code: "ClusterUnreachable" });
      expect(await restarts(gateway)).toBe(1);
      const { report } = await remediate(gateway);
      expect(shown(report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });

    it.each([...passing, page, ...lost])("the result, %s: it is told, and written in the end", async (_, fault) => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, [{ on: ON.result, fault, times: 1 }]);
      expect(run && shown(run.report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      expect(run?.exit).toBe(0);
      await expectNextRunHeals(gateway);
    });
  });

  describe.concurrent("while it waits", () => {
    const after = ON.restart;
    const once = (name: Name, fault: Fault): Rule => ({ on: ON[name], fault, after, times: 1 });

    it.each<[string, Rule[]]>([
      ["pods that cannot be listed", [once("pods", { status: 500 })]],
      ["pods of which half come", [once("pods", { half: true })]],
      ["revisions that cannot be listed", [once("replicaSets", { status: 500 })]],
      ["a log that breaks off", [once("log", LOST)]],
      ["a watch that is put off", [once("watch", { status: 429, retryAfter: "1" })]],
      ["no watch at all", [{ on: ON.watch, fault: { status: 500 } }]],
      ["a watch that breaks at once", [once("watch", RESET)]],
      ["a watch that breaks after a while", [once("watch", LOST)]],
      ["a watch without an answer", [once("watch", { stall: "before" })]],
      ["half a line of a watch", [once("watch", { half: true })]],
      ["a web page in place of a watch", [once("watch", { page: true })]],
    ])("%s: it goes on, and tells the result", async (_, rules) => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, rules);
      expect(run && shown(run.report, gateway)).toMatchObject({ verdict: "healthy", outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });

    test("a watch that falls silent: it ends when its time is over, and the next run tells the result", async () => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, [once("watch", { stall: "middle" })], { stopAfter: 18 * SECOND });
      expect(run && shown(run.report, gateway)?.outcome).toBeNull();
      const { report } = await remediate(gateway);
      expect(shown(report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });

    it.each<[string, Rule[], string, RegExp]>([
      ["the version", [once("version", { status: 500 })], "ClusterUnreachable", /Cluster test: .*\(500\)/],
      ["the version of somebody else", [once("version", { page: true })], "ClusterUnreachable", /stands in between/],
      ["every answer", [{ on: ON.any, fault: { stall: "before" }, after }], "ClusterUnreachable", /within 3 s/],
      ["every sign-in", [{ on: ON.any, fault: { status: 401 }, after }], "SignInFailed", /sign in again/],
    ])("without %s it stops with an error, and the next run tells the result", async (_, rules, code, message) => {
      const gateway = await place(OLD);
      const { error } = await remediateThrough(gateway, rules);
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      const { report } = await remediate(gateway);
      expect(shown(report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });

    /** The API server takes both for the same. */
    const scheme = (word: "Bearer" | "bearer") => ({ headers: { authorization: `${word} ${GUARD.token}` } });

    it.each(["claim", "restart"] as const)("a sign-in that ends after the %s is renewed", async (name) => {
      const gateway = await place(OLD);
      let renewed = 0;
      const authenticate: ConnectOptions["authenticate"] = async (refused) => {
        if (refused !== undefined) renewed++;
        return scheme(renewed === 0 ? "Bearer" : "bearer");
      };
      const rule = { on: / as Bearer /, fault: { status: 401 }, after: ON[name] };
      const { run } = await remediateThrough(gateway, [rule], { connection: { authenticate } });
      expect(run && shown(run.report, gateway)).toMatchObject({ verdict: "healthy", outcome: { result: "renewed" } });
      expect(renewed).toBeGreaterThan(0);
      await expectHealed(gateway);
    });

    test("without a list of Deployments it says so, and the next run tells the result", async () => {
      const gateway = await place(OLD);
      const { run } = await remediateThrough(gateway, [once("deployments", { status: 503 })]);
      expect(run?.report.error).toMatchObject({ code: "ClusterUnreadable", message: expect.stringContaining("(503)") });
      expect(run?.exit).toBe(1);
      const { report } = await remediate(gateway);
      expect(shown(report, gateway)).toMatchObject({ outcome: { result: "renewed" } });
      await expectHealed(gateway);
    });
  });
});
