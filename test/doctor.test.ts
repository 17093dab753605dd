import { describe, expect, it } from "vitest";
import { examineEach } from "../src/cli/doctor.ts";
import { describePermission } from "../src/model/asked.ts";
import type { AuditEvidence } from "../src/model/audit.ts";
import type { Check, CheckName } from "../src/model/checkup.ts";
import { GuardError } from "../src/model/errors.ts";
import type { Cure } from "../src/model/last-restart.ts";
import { type Purpose, type Read, read, unread } from "../src/model/read.ts";
import { DAY, HOUR, MINUTE } from "../src/model/time.ts";
import { buildCheckup, checkupExitCode, checkupSchema } from "../src/report/checkup-schema.ts";
import { type SimulatedCluster, type SimulationOptions, simulateCluster } from "../src/simulate/cluster.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { settings } from "./support/gateways.ts";
import { targetOf, visitOptions } from "./support/simulated-target.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");

function clusterWith(specs: readonly GatewaySpec[] = [{}], options: Partial<SimulationOptions> = {}): SimulatedCluster {
  const cluster = simulateCluster({ now: NOW, ...options });
  for (const spec of specs) cluster.addGateway({ namespace: "edge", name: "checkout", ...spec });
  return cluster;
}

interface Scope {
  readonly namespaces?: readonly string[];
  readonly logs?: boolean;
  readonly probe?: boolean;
  readonly purpose?: Purpose;
  readonly auditInGroup?: boolean;
  readonly cure?: Cure;
  /** What the audit log that was given answers. */
  readonly audit?: Read<AuditEvidence>;
}

async function examine(
  cluster: SimulatedCluster,
  {
    namespaces = [],
    logs = true,
    probe = false,
    purpose = "restart",
    auditInGroup = false,
    cure = "restart",
    audit,
  }: Scope = {},
) {
  const { scope, evidence, now } = visitOptions(cluster);
  const asked = { scope: { ...scope, namespaces }, evidence: { ...evidence, logs, probe } };
  const given = audit === undefined ? {} : { audit: { read: async () => audit } };
  const options = { ...asked, purpose, auditInGroup, now };
  const [checkup] = await examineEach([targetOf({ ...cluster, ...given }, { settings: settings({ cure }) })], options);
  if (checkup === undefined) throw new Error("no checkup");
  const report = buildCheckup([checkup]);
  expect(checkupSchema.parse(report)).toEqual(report);
  const of = (name: CheckName): readonly Check[] => checkup.checks.filter(({ check }) => check === name);
  const notOk = checkup.checks.filter(({ state }) => state !== "ok");
  return { checkup, of, notOk, exit: checkupExitCode(report) };
}

describe("doctor", () => {
  it("finds everything in order under the published manifests, and changes nothing", async () => {
    const cluster = clusterWith([{}, { name: "search", kind: "DaemonSet" }, { name: "api", kind: "StatefulSet" }]);
    const before = cluster.store.list("Deployment", null);
    const { notOk, exit, of } = await examine(cluster);
    expect(notOk).toEqual([]);
    expect(exit).toBe(0);
    expect(of("Restart").map(({ subject }) => subject)).toEqual([
      "edge/Deployment/checkout",
      "edge/DaemonSet/search",
      "edge/StatefulSet/api",
    ]);
    expect(cluster.store.list("Deployment", null)).toEqual(before);
  });

  it.each([
    { verb: "patch", resource: "deployments.apps", namespace: null },
    { verb: "get", resource: "pods/log", namespace: null },
    { verb: "create", resource: "subjectaccessreviews.authorization.k8s.io", namespace: null },
  ])("names the missing permission $verb $resource", async (permission) => {
    const cluster = clusterWith();
    cluster.deny(permission);
    const { of, exit } = await examine(cluster);
    expect(of("Permission")).toEqual([
      {
        check: "Permission",
        subject: describePermission(permission),
        state: "wrong",
        message: expect.stringContaining(`kubectl auth can-i ${permission.verb}`),
      },
    ]);
    expect(exit).toBe(2);
  });

  it("warns when no events can be left, which no restart waits for", async () => {
    const cluster = clusterWith();
    cluster.deny({ verb: "create", resource: "events", namespace: null });
    const { of, exit } = await examine(cluster);
    expect(of("Permission")).toEqual([
      {
        check: "Permission",
        subject: "create events in all namespaces",
        state: "warning",
        message: expect.stringMatching(/kubectl auth can-i create events --all-namespaces.*Restarts work without it/),
      },
    ]);
    expect(exit).toBe(0);
  });

  it("asks only for what is used", async () => {
    const cluster = clusterWith();
    cluster.deny({ verb: "get", resource: "pods/log", namespace: null });
    const { of, exit } = await examine(cluster, { logs: false });
    expect(of("Permission")).toMatchObject([{ state: "ok" }]);
    expect(of("Logs")).toMatchObject([{ state: "skipped", message: expect.stringContaining("evidence.logs") }]);
    expect(exit).toBe(0);
  });

  it("asks about the namespaces that are looked at", async () => {
    const cluster = clusterWith();
    cluster.deny({ verb: "list", resource: "pods", namespace: "elsewhere" });
    expect((await examine(cluster, { namespaces: ["edge"] })).of("Permission")).toMatchObject([{ state: "ok" }]);
    expect((await examine(cluster)).of("Permission")).toMatchObject([{ subject: "list pods in all namespaces" }]);
  });

  it("warns of permissions that are too much, each once, by resource", async () => {
    const cluster = clusterWith();
    for (const verb of ["create", "delete"]) cluster.grant({ verb, resource: "deployments.apps", namespace: null });
    cluster.grant({ verb: "get", resource: "secrets", namespace: "edge" });
    cluster.grant({ verb: "get", resource: "secrets", namespace: "without-gateways" });
    const { of, exit } = await examine(cluster);
    expect(of("ExcessPermission")).toMatchObject([
      { state: "warning", subject: "create, delete deployments.apps in all namespaces" },
      { state: "warning", subject: "get secrets in namespace edge" },
    ]);
    expect(exit).toBe(0);
  });

  describe("with the probe", () => {
    const GRANTED = ["get", "create"].map((verb) => ({ verb, resource: "pods/exec", namespace: null }));

    it("finds the permissions for it right, and that it works", async () => {
      const cluster = clusterWith();
      for (const permission of GRANTED) cluster.grant(permission);
      const { notOk, of } = await examine(cluster, { probe: true });
      expect(notOk).toEqual([]);
      expect(of("Probe")).toMatchObject([{ subject: "edge/Deployment/checkout", state: "ok" }]);
      expect(of("ExcessPermission")[0]?.message).not.toContain("exec");
    });

    it("warns of its permissions where it is not asked for", async () => {
      const cluster = clusterWith();
      for (const permission of GRANTED) cluster.grant(permission);
      const { of } = await examine(cluster);
      expect(of("ExcessPermission")).toMatchObject([{ subject: "get, create pods/exec in all namespaces" }]);
      expect(of("Probe")).toEqual([]);
    });

    it("warns where it cannot work", async () => {
      const cluster = clusterWith();
      for (const permission of GRANTED) cluster.deny(permission);
      const { of, exit } = await examine(cluster, { probe: true });
      expect(of("Permission")).toMatchObject([
        { state: "warning", subject: "get pods/exec in all namespaces", message: expect.stringMatching(/Without it/) },
        { state: "warning", subject: "create pods/exec in all namespaces" },
      ]);
      expect(of("Probe")).toMatchObject([
        { state: "warning", message: expect.stringMatching(/^3 of 3 pods tell nothing/) },
      ]);
      expect(exit).toBe(0);
    });
  });

  describe("of an identity that only looks", () => {
    const MORE = [
      ...["deployments.apps", "daemonsets.apps", "statefulsets.apps"].flatMap((resource) =>
        ["get", "watch", "patch"].map((verb) => ({ verb, resource, namespace: null })),
      ),
      { verb: "create", resource: "events", namespace: null },
    ];
    const forReading = (): SimulatedCluster => {
      const cluster = clusterWith([{}, { name: "search" }]);
      for (const permission of MORE) cluster.deny(permission);
      return cluster;
    };

    it("misses nothing that only a restart needs, and tries none", async () => {
      const { of, notOk, exit } = await examine(forReading(), { purpose: "read" });
      expect(notOk).toMatchObject([{ check: "AdmissionPolicy", state: "skipped" }]);
      expect(of("Restart")).toEqual([]);
      expect(of("ExcessPermission")).toMatchObject([{ message: expect.stringContaining("no change of workloads") }]);
      expect(exit).toBe(0);
    });

    it("names what is missing to look", async () => {
      const cluster = forReading();
      cluster.deny({ verb: "get", resource: "pods/log", namespace: null });
      const { of, exit } = await examine(cluster, { purpose: "read" });
      expect(of("Permission")).toMatchObject([{ state: "wrong", subject: "get pods/log in all namespaces" }]);
      expect(exit).toBe(2);
    });

    it("warns of each permission to change something", async () => {
      const { of, exit } = await examine(clusterWith(), { purpose: "read" });
      expect(of("ExcessPermission").map(({ subject, message }) => [subject, message])).toEqual(
        ["patch deployments.apps", "patch daemonsets.apps", "patch statefulsets.apps", "create events"].map((one) => [
          `${one} in all namespaces`,
          "This identity may do it, and is only to look: take it away.",
        ]),
      );
      expect(exit).toBe(0);
    });

    it("may not do enough to restart", async () => {
      const { of, exit } = await examine(forReading());
      expect(of("Permission").filter(({ state }) => state === "wrong")).toHaveLength(9);
      expect(exit).toBe(2);
    });
  });

  it("does not call a question without an answer a yes or a no", async () => {
    const cluster = clusterWith();
    cluster.fail({ call: "iMay", code: "Timeout" });
    const { of, exit } = await examine(cluster);
    expect(new Set(of("Permission").map(({ state }) => state))).toEqual(new Set(["unknown"]));
    expect(of("ExcessPermission")).toMatchObject([{ state: "unknown" }]);
    expect(exit).toBe(1);
  });
});

describe("the admission policy", () => {
  it("is not in force when any change would be accepted", async () => {
    const cluster = clusterWith();
    cluster.liftPolicy();
    const { of, exit } = await examine(cluster);
    expect(of("AdmissionPolicy")).toMatchObject([
      { state: "wrong", message: expect.stringMatching(/not in force for this identity.*edge\/Deployment\/checkout/) },
    ]);
    expect(exit).toBe(2);
  });

  it.each<[string, (cluster: SimulatedCluster) => void, string]>([
    [
      "when restarts are refused, too",
      (cluster) => cluster.fail({ call: "patch", code: "Forbidden" }),
      "accepts no restart either",
    ],
    [
      "when the question fails",
      (cluster) => cluster.fail({ call: "tryRelabel", code: "Timeout" }),
      "did not answer in time",
    ],
    [
      "without a gateway",
      (cluster) => cluster.store.remove("Deployment", "edge", "checkout"),
      "no gateway to try it on",
    ],
  ])("is not known %s", async (_when, arrange, says) => {
    const cluster = clusterWith();
    arrange(cluster);
    expect((await examine(cluster)).of("AdmissionPolicy")).toMatchObject([
      { state: "unknown", message: expect.stringContaining(says) },
    ]);
  });
});

describe("the restart of a gateway", () => {
  it.each([
    ["Forbidden", "wrong", "mutating webhook", 2],
    ["Forbidden", "wrong", "apply manifests --selector with your gateways.selector", 2],
    ["Refused", "unknown", "does not support dry runs", 1],
    ["ServerError", "unknown", "failed to answer", 1],
    ["Conflict", "unknown", "has changed", 1],
  ] as const)("that is answered with %s is %s", async (code, state, says, exit) => {
    const cluster = clusterWith([{}, { name: "landing" }]);
    cluster.fail({ call: "patch", code, name: "checkout" });
    const examined = await examine(cluster);
    expect(examined.of("Restart")).toMatchObject([
      { subject: "edge/Deployment/checkout", state, message: expect.stringContaining(says) },
      { subject: "edge/Deployment/landing", state: "ok" },
    ]);
    expect(examined.exit).toBe(exit);
  });

  it("is asked again when somebody changes the workload in between", async () => {
    const cluster = clusterWith();
    cluster.fail({ call: "patch", code: "Conflict", times: 2 });
    expect((await examine(cluster)).of("Restart")).toMatchObject([{ state: "ok" }]);
  });
});

describe("the logs of a gateway", () => {
  it.each<[string, GatewaySpec, Partial<Check>]>([
    [
      "are short",
      { logFileAge: MINUTE, createdAgo: DAY },
      { state: "unknown", message: expect.stringContaining("3 of 3 pods") },
    ],
    ["do not exist", { replicas: 0 }, { state: "skipped" }],
    ["do not matter", { image: "apache/apisix:3.16.0-debian", logFileAge: MINUTE }, { state: "skipped" }],
    ["show a refusal", { createdAgo: 91 * DAY, refusedFor: HOUR }, { state: "ok" }],
  ])("%s", async (_what, spec, expected) => {
    expect((await examine(clusterWith([spec]))).of("Logs")).toMatchObject([expected]);
  });

  it("cannot be read", async () => {
    const cluster = clusterWith();
    cluster.fail({ call: "log", code: "ServerError" });
    expect((await examine(cluster)).of("Logs")).toMatchObject([{ state: "unknown", message: expect.any(String) }]);
  });

  it("belong to pods that cannot be listed", async () => {
    const cluster = clusterWith();
    cluster.fail({ call: "pods", code: "Forbidden" });
    expect((await examine(cluster)).of("Logs")).toMatchObject([{ state: "unknown" }]);
  });
});

describe("the audit log", () => {
  const evidence = { tokens: new Map(), refused: [], oldestAt: NOW - DAY, newestAt: NOW, bytes: 1, gaps: [] };
  /** As if an informer of every pod had used the token that its container began with. */
  const telling = (cluster: SimulatedCluster): Read<AuditEvidence> => {
    const uids = cluster.store.list("Pod", null).map(({ metadata }) => metadata.uid ?? "");
    const token = { issuedAt: NOW - DAY - 10 * MINUTE, usedAt: NOW - MINUTE };
    return read({ ...evidence, tokens: new Map(uids.map((uid) => [uid, [token]])) });
  };
  const old = () => clusterWith([{ createdAgo: DAY }]);

  it("is no matter where nobody wants it", async () => {
    expect((await examine(old())).of("AuditLog")).toEqual([]);
  });

  it("that EKS keeps is out of reach here, which is said with what to ask instead", async () => {
    const { of, exit } = await examine(old(), { auditInGroup: true });
    expect(of("AuditLog")).toMatchObject([
      {
        state: "skipped",
        message: expect.stringMatching(/a kubeconfig has none\..*aws eks describe-cluster .*--audit-log FILE/),
      },
    ]);
    expect(exit).toBe(0);
  });

  it.each([false, true])("that is given is looked at, whatever EKS keeps (%s)", async (auditInGroup) => {
    const cluster = old();
    const { of, exit } = await examine(cluster, { audit: telling(cluster), auditInGroup });
    expect(of("AuditLog")).toEqual([
      {
        check: "AuditLog",
        subject: null,
        state: "ok",
        message:
          "It can be read (2026-06-09T12:00:00Z to 2026-06-10T12:00:00Z), and is silent about no pod that it should tell of.",
      },
    ]);
    expect(exit).toBe(0);
  });

  it("that is silent about pods is another one, or too short", async () => {
    const { of, exit } = await examine(old(), { audit: read(evidence) });
    expect(of("AuditLog")).toMatchObject([
      { state: "warning", message: expect.stringMatching(/does not tell how old the tokens of 3 of 3 pods are/) },
    ]);
    expect(exit).toBe(0);
  });

  it("that was read in part, or not at all, is a warning with the reason", async () => {
    const cluster = old();
    const whole = telling(cluster);
    const part = whole.ok ? read({ ...whole.value, gaps: ["b.log: it ended."] }) : whole;
    expect((await examine(cluster, { audit: part })).of("AuditLog")).toMatchObject([
      { state: "warning", message: "A part of the audit log was not read: b.log: it ended." },
    ]);
    const failure = { code: "Forbidden", what: "read it", message: "It is not allowed." } as const;
    const { of, exit } = await examine(cluster, { audit: unread(failure) });
    expect(of("AuditLog")).toMatchObject([
      {
        state: "warning",
        message: expect.stringMatching(/could not be read, so token ages come from .*It is not allowed/),
      },
    ]);
    expect(exit).toBe(0);
  });

  it("is not read where nothing runs that it could tell of", async () => {
    const { of } = await examine(clusterWith([{ replicas: 0 }]), { audit: read(evidence) });
    expect(of("AuditLog")).toMatchObject([{ state: "skipped", message: expect.stringContaining("no pod runs") }]);
  });
});

describe("the cluster", () => {
  it.each([
    ["v1.29.15-eks-1a2b3c4", "warning"],
    ["v1.30.0", "ok"],
    ["v1.36.3", "ok"],
  ])("of version %s is %s", async (gitVersion, state) => {
    const { checkup, of } = await examine(clusterWith([{}], { gitVersion }));
    expect(of("ServerVersion")).toMatchObject([{ state }]);
    expect(checkup.gitVersion).toBe(gitVersion);
  });

  it("of another clock is a warning", async () => {
    const { of, exit } = await examine(clusterWith([{}], { clockSkew: 3 * MINUTE }));
    expect(of("Clock")).toMatchObject([{ state: "warning", message: expect.stringContaining("3 min ahead") }]);
    expect(exit).toBe(0);
  });

  it("without a gateway cannot be checked", async () => {
    const { of, exit } = await examine(clusterWith([]));
    expect(of("Gateways")).toMatchObject([{ state: "unknown", message: expect.stringContaining("gateways.selector") }]);
    expect(exit).toBe(1);
  });

  it("of which a list failed may have more gateways", async () => {
    const cluster = clusterWith();
    cluster.fail({ call: "daemonSets", code: "Forbidden" });
    expect((await examine(cluster)).of("Gateways").map(({ state }) => state)).toEqual(["unknown", "ok"]);
  });

  it("has its Argo Rollouts named", async () => {
    const cluster = clusterWith();
    const labels = { "app.kubernetes.io/name": "apisix" };
    cluster.store.put("Rollout", { metadata: { name: "canary", namespace: "edge", labels } });
    const { of, exit } = await examine(cluster);
    expect(of("ArgoRollouts")).toMatchObject([{ state: "warning", subject: "edge/Rollout/canary" }]);
    expect(exit).toBe(0);
  });

  it.each([
    ["Forbidden", "skipped"],
    ["Timeout", "unknown"],
  ] as const)("whose Argo Rollouts answer %s: %s", async (code, state) => {
    const cluster = clusterWith();
    cluster.fail({ call: "rollouts", code });
    expect((await examine(cluster)).of("ArgoRollouts")).toMatchObject([{ state }]);
  });

  it.each([
    ["Unauthorized", "SignInFailed", "wrong", 2],
    ["Unreachable", "ClusterUnreachable", "unknown", 1],
  ] as const)("that answers %s is nothing but %s", async (code, error, state, exit) => {
    const cluster = clusterWith();
    cluster.fail({ call: "server", code });
    const { checkup, exit: found } = await examine(cluster);
    expect(checkup).toMatchObject({ gitVersion: null, checks: [{ check: "SignIn", state }] });
    expect(checkup.checks[0]?.message).toContain(`${error}: Cluster prod: `);
    expect(found).toBe(exit);
  });

  it("does not spoil the checklist of another", async () => {
    const cluster = clusterWith();
    const broken = {
      ...targetOf(cluster),
      connect: () => Promise.reject(new GuardError("BadKubeconfig", "no such context")),
    };
    const checkups = await examineEach([broken, targetOf(cluster, { name: "stage" })], {
      ...visitOptions(cluster),
      purpose: "restart",
      auditInGroup: false,
    });
    expect(checkups.map(({ checks }) => checks[0]?.state)).toEqual(["wrong", "ok"]);
  });
});

describe("doctor, where tokens are reloaded", () => {
  const reloading = { cure: "reload", probe: true } as const;
  const probing = (cluster: SimulatedCluster): SimulatedCluster => {
    for (const verb of ["get", "create"]) cluster.grant({ verb, resource: "pods/exec", namespace: null });
    return cluster;
  };

  it("runs the command in every pod, which ends nothing", async () => {
    const cluster = probing(clusterWith([{ createdAgo: 61 * DAY }, { name: "search" }]));
    const { of, exit } = await examine(cluster, reloading);
    expect(of("Reload")).toMatchObject([
      {
        subject: "edge/Deployment/checkout",
        state: "ok",
        message: "Its command runs in every pod; it has ended nothing.",
      },
      { subject: "edge/Deployment/search", state: "ok" },
    ]);
    expect(exit).toBe(0);
    const { of: again } = await examine(cluster, reloading);
    expect(again("Probe")).toMatchObject([{ state: "ok" }, { state: "ok" }]);
  });

  it.each([
    [
      "Forbidden",
      /^It would be restarted instead\. The command is refused \(403\): apply the output of manifests --reload/,
    ],
    ["Timeout", /^It would be restarted instead\. The simulated cluster did not answer in time/],
  ] as const)("warns when that fails: %s", async (code, message) => {
    const cluster = probing(clusterWith());
    cluster.fail({ call: "reload", code });
    const { of, exit } = await examine(cluster, reloading);
    expect(of("Reload")).toMatchObject([{ state: "warning", message: expect.stringMatching(message) }]);
    expect(exit).toBe(0);
  });

  it("warns when one pod of several does not even tell of its token", async () => {
    const cluster = probing(clusterWith());
    const [pod] = cluster.store.list("Pod", "edge");
    cluster.fail({ call: "exec", code: "Timeout", name: pod?.metadata.name ?? "" });
    const { of } = await examine(cluster, reloading);
    expect(of("Reload")).toMatchObject([
      { state: "warning", message: expect.stringMatching(/^It would be restarted instead/) },
    ]);
  });

  it.each([
    ["nobody asks for it", { probe: true }],
    ["the identity shall only look", { ...reloading, purpose: "read" }],
    ["no pod tells of its agent", { cure: "reload" }],
  ] as const)("tries nothing when %s", async (_case, scope) => {
    const cluster = probing(clusterWith());
    cluster.fail({ call: "reload", code: "Forbidden" });
    const { of } = await examine(cluster, scope);
    expect(of("Reload")).toEqual([]);
  });
});
