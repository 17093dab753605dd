import { describe, expect, it } from "vitest";
import { LAST_RESTART_ANNOTATION, SKIP_ANNOTATION } from "../../src/model/annotations.ts";
import type { Decision, Verdict } from "../../src/model/decision.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import { reconcile } from "../../src/reconcile.ts";
import { remediate } from "../../src/remediate.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import type { GatewaySpec } from "../../src/simulate/gateway-spec.ts";
import { NOW, SETTINGS } from "../support/gateways.ts";

const OPTIONS = {
  name: "simulated",
  scope: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
  evidence: { logs: true, config: true },
  settings: SETTINGS,
};

async function decide(spec: GatewaySpec, prepare: (cluster: SimulatedCluster) => void = () => {}): Promise<Decision> {
  const cluster = simulateCluster({ now: NOW });
  cluster.addGateway(spec);
  prepare(cluster);
  const { plan, error } = await reconcile(cluster, { ...OPTIONS, at: null, restarter: null });
  const [decision] = plan?.decisions ?? [];
  if (decision === undefined) throw new Error(`no decision: ${error?.message}`);
  return decision;
}

const lastRestart = (fields: object) => ({
  [LAST_RESTART_ANNOTATION]: JSON.stringify({ reason: "TokenRefused", result: null, lifetimeSeconds: null, ...fields }),
});
const REFUSED: GatewaySpec = { createdAgo: 61 * DAY, refusedFor: 5 * MINUTE };

describe("a gateway put into a simulated cluster is judged as what it is", () => {
  it.each<[Verdict, string, GatewaySpec]>([
    ["healthy", "TokenYoung", {}],
    ["healthy", "TokenYoung", { kind: "DaemonSet" }],
    ["healthy", "TokenYoung", { kind: "StatefulSet" }],
    ["healthy", "TokenYoung", { createdAgo: 70 * DAY, startedAgo: DAY }],
    ["due", "RestartIntervalReached", { createdAgo: 61 * DAY }],
    ["due", "RestartIntervalReached", { pods: [{ createdAgo: 61 * DAY }] }],
    ["expiring", "NearDeadline", { createdAgo: 85 * DAY }],
    ["rejected", "TokenRefused", REFUSED],
    ["rejected", "TokenRefused", { createdAgo: 20 * DAY, pods: [{}, { refusedFor: 5 * MINUTE }] }],
    ["unfixable", "RefusedWhenNew", { createdAgo: 2 * HOUR, refusedFor: 5 * MINUTE }],
    ["unfixable", "VersionRereadsToken", { ...REFUSED, image: "apache/apisix:3.16.0-ubuntu" }],
    ["unfixable", "LifetimeTooShort", { expirationSeconds: 600 }],
    ["unaffected", "VersionNotAffected", { image: "apache/apisix:3.16.0-ubuntu" }],
    ["unaffected", "ScaledToZero", { replicas: 0 }],
    ["unaffected", "DiscoveryOff", { config: "apisix:\n  node_listen: 9080\n" }],
    ["unknown", "LogsNotCovered", { logFileAge: 20 * SECOND }],
    ["unknown", "NoPodRunning", { pods: [{ state: "waiting" }, { state: "pending" }, { state: "missing" }] }],
  ])("%s, %s: %j", async (verdict, reason, spec) => {
    expect(await decide(spec)).toMatchObject({ verdict, reason });
  });

  it("verifying, while the guard's own restart has no result yet", async () => {
    const restartedAt = isoSeconds(NOW - MINUTE);
    const spec = {
      annotations: lastRestart({ at: restartedAt }),
      templateAnnotations: { "kubectl.kubernetes.io/restartedAt": restartedAt },
      pods: [{ createdAgo: 50 * SECOND }, { createdAgo: 30 * SECOND }, { createdAgo: 10 * SECOND }],
    };
    expect(await decide(spec)).toMatchObject({ verdict: "verifying" });
  });

  it("unknown, when its logs may not be read", async () => {
    const decision = await decide({}, (cluster) =>
      cluster.deny({ verb: "get", resource: "pods/log", namespace: null }),
    );
    expect(decision).toMatchObject({ verdict: "unknown", reason: "LogsUnreadable" });
  });

  it.each<[string, GatewaySpec]>([
    ["Paused", { paused: true }],
    ["OptedOut", { annotations: { [SKIP_ANNOTATION]: "true" } }],
    ["RolloutInProgress", { pods: [{ old: true }, {}, {}] }],
    ["RolloutFailed", { pods: [{ old: true }, {}, {}], progressDeadlineExceeded: true }],
    ["NotFullyAvailable", { pods: [{ ready: false }] }],
    ["RiskyRestart", { strategy: "Recreate" }],
    ["RiskyRestart", { kind: "DaemonSet", strategy: "OnDelete" }],
    ["RiskyRestart", { kind: "StatefulSet", partition: 1 }],
    ["RiskyRestart", { configChangedAgo: DAY }],
    ["Cooldown", { annotations: lastRestart({ at: isoSeconds(NOW - 30 * MINUTE), result: "renewed" }) }],
    ["DiscoveryForbidden", { mayDiscover: false }],
  ])("held back by %s: %j", async (blocker, spec) => {
    const { blockers } = await decide({ createdAgo: 61 * DAY, ...spec });
    expect(blockers.map(({ reason }) => reason)).toContain(blocker);
  });

  it.each([
    [undefined, 3607],
    [7200, 7200],
  ])("mounts one token, asked for with %s", (expirationSeconds, expected) => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway(expirationSeconds === undefined ? {} : { expirationSeconds });
    const [pod] = cluster.store.list("Pod", "apisix");
    const tokens = (pod?.spec?.volumes ?? [])
      .flatMap(({ projected }) => projected?.sources ?? [])
      .flatMap((source) => source.serviceAccountToken ?? []);
    expect(tokens).toEqual([{ path: "token", expirationSeconds: expected }]);
    const mounts = pod?.spec?.containers?.[0]?.volumeMounts?.filter(({ mountPath }) =>
      mountPath?.endsWith("/serviceaccount"),
    );
    expect(mounts).toHaveLength(1);
  });

  it("has as many pods as it says, and more when there are more entries", () => {
    const cluster = simulateCluster({ now: NOW });
    expect(
      cluster.addGateway({ pods: [{}, {}, {}, { state: "waiting" }, { state: "terminating" }] }).pods,
    ).toHaveLength(5);
    const names = cluster.addGateway({ name: "other", kind: "StatefulSet", pods: [{ state: "missing" }] }).pods;
    expect(names).toEqual(["other-1", "other-2"]);
  });
});

describe("a refused gateway is healed in virtual time", () => {
  it.each<[string, GatewaySpec]>([
    ["cured", {}],
    ["cured", { kind: "DaemonSet" }],
    ["cured", { kind: "StatefulSet" }],
    ["refused", { afterRestart: { refused: true } }],
    ["failed", { afterRestart: { readyAfter: null } }],
  ])("%s: %j", async (result, spec) => {
    const cluster = simulateCluster({ now: NOW });
    const { kind, namespace, name } = cluster.addGateway({ ...REFUSED, ...spec });
    const { outcomes } = await remediate(cluster, {
      ...OPTIONS,
      restarter: cluster.restarter,
      sleep: async (length) => cluster.clock.advance(length),
      now: cluster.clock.now,
      stopAt: NOW + 2 * HOUR,
    });
    expect(outcomes).toMatchObject([{ gateway: { kind, namespace, name }, outcome: { result } }]);
  });
});
