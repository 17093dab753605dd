import { describe, expect, it } from "vitest";
import { startLive } from "../../src/cli/live.ts";
import { refreshOne, rehearseOne } from "../../src/cli/one-gateway.ts";
import { rehearsalLines } from "../../src/cli/rehearsal.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION, SKIP_ANNOTATION } from "../../src/model/annotations.ts";
import type { DecisionSettings } from "../../src/model/policy.ts";
import { DAY, HOUR, SECOND } from "../../src/model/time.ts";
import type { GatewayName } from "../../src/observe/find-gateway.ts";
import { buildReport } from "../../src/report/build.ts";
import { exitCode } from "../../src/report/exit-code.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import type { GatewaySpec } from "../../src/simulate/gateway-spec.ts";
import { settings } from "../support/gateways.ts";
import { targetOf, visitOptions } from "../support/simulated-target.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");
const CHECKOUT: GatewayName = { namespace: "edge", name: "checkout", kind: null };

function clusterWith(...specs: readonly GatewaySpec[]): SimulatedCluster {
  const cluster = simulateCluster({ now: NOW });
  for (const spec of specs) cluster.addGateway({ namespace: "edge", name: "checkout", ...spec });
  return cluster;
}

async function refresh(
  cluster: SimulatedCluster,
  wanted: Partial<GatewayName> = {},
  own: DecisionSettings = settings(),
) {
  const { story } = startLive({ write: () => undefined, rewrites: false, width: 80 }, false);
  const options = { ...visitOptions(cluster), story };
  const result = await refreshOne(targetOf(cluster, { settings: own }), { ...CHECKOUT, ...wanted }, options);
  const report = buildReport(result);
  return { report, exit: exitCode([report]), restarted: story.hasRestarted() };
}

const restartsOf = (cluster: SimulatedCluster, name = "checkout") =>
  cluster.store.get("Deployment", "edge", name)?.spec?.template?.metadata?.annotations?.[RESTARTED_AT_ANNOTATION];

describe("refresh", () => {
  it("restarts a gateway that is not due, and reports on it alone", async () => {
    const cluster = clusterWith({}, { name: "landing", createdAgo: 91 * DAY, refusedFor: HOUR });
    const { report, exit, restarted } = await refresh(cluster);
    expect(report.gateways).toMatchObject([{ name: "checkout", outcome: { result: "renewed" } }]);
    expect({ exit, restarted }).toEqual({ exit: 0, restarted: true });
    expect(restartsOf(cluster)).toBe("2026-06-10T12:00:00Z");
    expect(restartsOf(cluster, "landing")).toBeUndefined();
  });

  it.each([
    ["mode check", settings({}, { mode: "check" }), {}],
    ["a closed window", settings({ windows: [{ days: ["sun"], from: "01:00", to: "02:00", timeZone: "UTC" }] }), {}],
    [
      "the cooldown",
      settings(),
      {
        annotations: {
          [LAST_RESTART_ANNOTATION]: '{"at":"2026-06-10T11:55:00Z","reason":"TokenRefused","result":"cured"}',
        },
      },
    ],
  ])("is not held back by %s", async (_what, own, spec) => {
    expect(await refresh(clusterWith(spec), {}, own)).toMatchObject({ exit: 0, restarted: true });
  });

  it.each<[string, GatewaySpec]>([
    ["Paused", { paused: true }],
    ["OptedOut", { annotations: { [SKIP_ANNOTATION]: "true" } }],
    ["RolloutInProgress", { pods: [{ old: true }] }],
    ["NotFullyAvailable", { pods: [{ ready: false }, { ready: false }] }],
    ["RiskyRestart", { strategy: "Recreate" }],
    ["DiscoveryForbidden", { mayDiscover: false }],
  ])("is held back by %s, with exit 2", async (reason, spec) => {
    const cluster = clusterWith(spec);
    const { report, exit, restarted } = await refresh(cluster);
    expect(report.gateways[0]?.blockers.filter(({ waived }) => !waived).map((blocker) => blocker.reason)).toContain(
      reason,
    );
    expect({ exit, restarted }).toEqual({ exit: 2, restarted: false });
    expect(restartsOf(cluster)).toBeUndefined();
  });

  it("waits for the proof of another restart of the guard's", async () => {
    const underWay = {
      [LAST_RESTART_ANNOTATION]: '{"at":"2026-06-10T11:59:00Z","reason":"TokenRefused","result":null}',
    };
    const templateAnnotations = { [RESTARTED_AT_ANNOTATION]: "2026-06-10T11:59:00Z" };
    const other = { name: "landing", annotations: underWay, templateAnnotations, createdAgo: 50 * SECOND };
    const { report, exit } = await refresh(clusterWith({}, other));
    expect(report.gateways).toMatchObject([{ blockers: [{ reason: "OneAtATime", waived: false }] }]);
    expect(exit).toBe(2);
  });

  it("does nothing to a gateway without pods, and says so by its verdict", async () => {
    const { report, restarted } = await refresh(clusterWith({ replicas: 0 }));
    expect(report.gateways).toMatchObject([{ reason: "ScaledToZero", action: "none" }]);
    expect(restarted).toBe(false);
  });

  it("tells when the workload is deleted on the way", async () => {
    const cluster = clusterWith({});
    cluster.clock.after(5_000, () => cluster.store.remove("Deployment", "edge", "checkout"));
    const { report, exit } = await refresh(cluster);
    expect(report).toMatchObject({ gateways: [], error: { code: "NoGatewayFound", message: expect.any(String) } });
    expect(exit).toBe(1);
  });

  it("is a report with an error when the cluster is lost on the way", async () => {
    const cluster = clusterWith({});
    cluster.clock.after(5_000, () => cluster.fail({ call: "server", code: "Unreachable" }));
    expect((await refresh(cluster)).report).toMatchObject({ error: { code: "ClusterUnreachable" }, gateways: [] });
  });
});

describe("the name of a gateway", () => {
  const both: readonly GatewaySpec[] = [{}, { kind: "DaemonSet" }];

  it.each<[string, readonly GatewaySpec[], Partial<GatewayName>, string, string]>([
    [
      "misspelt",
      [{}],
      { name: "chekout" },
      "NoGatewayFound",
      "There is no gateway edge/chekout; did you mean edge/checkout?",
    ],
    ["of another namespace", [{}], { namespace: "egde" }, "NoGatewayFound", "did you mean edge/checkout?"],
    ["unlike any other", [{}, { name: "api" }], { name: "x" }, "NoGatewayFound", "there are: edge/api, edge/checkout"],
    ["where there is none", [], {}, "NoGatewayFound", "There is no gateway edge/checkout; none was found"],
    [
      "that two kinds bear",
      both,
      {},
      "BadUsage",
      "edge/checkout is a Deployment and a DaemonSet; say which with --kind.",
    ],
    [
      "of another kind",
      [{}],
      { kind: "DaemonSet" },
      "BadUsage",
      "edge/checkout is not a DaemonSet, it is a Deployment; leave out --kind.",
    ],
    [
      "of a workload that is no gateway",
      [{ labels: { "app.kubernetes.io/name": "nginx" } }],
      {},
      "NoGatewayFound",
      "edge/checkout is a Deployment and no gateway: it does not match gateways.selector (app.kubernetes.io/name=apisix).",
    ],
  ])("%s is refused with what to do", async (_what, specs, wanted, code, message) => {
    await expect(refresh(clusterWith(...specs), wanted)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it("and its kind are enough", async () => {
    const { report } = await refresh(clusterWith(...both), { kind: "DaemonSet" });
    expect(report.gateways).toMatchObject([{ kind: "DaemonSet", outcome: { result: "renewed" } }]);
  });

  it("of a workload without APISIX is refused", async () => {
    const cluster = clusterWith({});
    cluster.store.edit("Deployment", "edge", "checkout", ({ spec }) => {
      for (const container of spec?.template?.spec?.containers ?? [])
        Object.assign(container, { name: "web", image: "nginx:1" });
    });
    await expect(refresh(cluster)).rejects.toMatchObject({
      code: "NoGatewayFound",
      message: expect.stringContaining("looks like APISIX"),
    });
  });

  it("is not called unknown when a list failed", async () => {
    const cluster = clusterWith({});
    cluster.fail({ call: "deployments", code: "Forbidden" });
    await expect(refresh(cluster)).rejects.toMatchObject({
      code: "ClusterUnreadable",
      message: expect.stringContaining(
        "Whether there is edge/checkout is not known: This identity lacks the permission",
      ),
    });
  });
});

describe("a rehearsed refresh", () => {
  const rehearse = (cluster: SimulatedCluster) => rehearseOne(targetOf(cluster), CHECKOUT, visitOptions(cluster));

  it("asks the API server, and changes nothing", async () => {
    const cluster = clusterWith({});
    const before = cluster.store.get("Deployment", "edge", "checkout");
    const rehearsal = await rehearse(cluster);
    expect(rehearsalLines(rehearsal)).toEqual([
      "dry run: nothing was changed",
      "prod: edge/checkout: the API server would accept the restart.",
    ]);
    expect(cluster.store.get("Deployment", "edge", "checkout")).toEqual(before);
  });

  it("tells what the API server says", async () => {
    const cluster = clusterWith({});
    cluster.fail({ call: "patch", code: "Forbidden" });
    expect(rehearsalLines(await rehearse(cluster))[1]).toMatch(
      /^prod: edge\/checkout: the API server would refuse the restart: This identity lacks the permission to patch/,
    );
  });

  it("tries nothing that is held back", async () => {
    expect(rehearsalLines(await rehearse(clusterWith({ paused: true })))).toEqual([
      "dry run: nothing was changed",
      "There was no restart to try.",
    ]);
  });
});
