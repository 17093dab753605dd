import { beforeAll, expect, test } from "vitest";
import { DAY, MINUTE } from "../../src/model/time.ts";
import { due, healthy, noAnswer, unaffected, unknown, verifying } from "../support/check/expected.ts";
import { DISCOVERY_OFF, restartedByGuard } from "../support/check/gateways.ts";
import { type GuardIdentity, signUpGuard } from "../support/check/guard-identity.ts";
import { look } from "../support/check/look.ts";
import { checkRows } from "../support/check/rows.ts";
import { arrange } from "../support/check/scenario.ts";
import type { AuditMark } from "../support/control-plane/cluster/audit.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { settings } from "../support/gateways.ts";

const old = 61 * DAY;

describeCluster("what check says when it may not read", ({ cluster }) => {
  checkRows(cluster, {
    "the logs": [
      [
        "of a young gateway",
        { without: ["pods/log"] },
        unknown("LogsUnreadable", { says: /lacks the permission to get pods\/log in namespace check-/ }),
      ],
      ["of an old gateway", { age: old, without: ["pods/log"] }, due()],
    ],
    "the ConfigMaps": [
      [
        "of an old gateway",
        { age: old, without: ["configmaps"] },
        due({
          blockers: ["RiskyRestart"],
          says: /presumed on: .* lacks the permission to get configmaps in namespace check-/,
        }),
      ],
      [
        "of a gateway whose discovery is off",
        { age: old, config: DISCOVERY_OFF, without: ["configmaps"] },
        due({ blockers: ["RiskyRestart"], says: /presumed on: .* lacks the permission to get configmaps/ }),
      ],
      [
        "of a version that reads its token anew",
        { age: old, image: "apache/apisix:3.16.0-debian", without: ["configmaps"] },
        unaffected("VersionNotAffected", { says: /lacks the permission to get configmaps/ }),
      ],
    ],
    "the objects": [
      [
        "pods",
        { age: old, without: ["pods"] },
        unknown("PodsUnreadable", { says: /lacks the permission to list pods in namespace check-/ }),
      ],
      [
        "workloads of every kind",
        { age: old, without: ["deployments", "daemonsets", "statefulsets"] },
        noAnswer("ClusterUnreadable", { says: /lacks the permission to list deployments\.apps .* \(and 2 more\)/ }),
      ],
      [
        "workloads of one kind",
        { without: ["daemonsets"] },
        healthy({ exit: 1, error: "ClusterUnreadable", says: /lacks the permission to list daemonsets\.apps/ }),
      ],
      [
        "nodes, of a DaemonSet with a pod that is not Ready",
        { kind: "DaemonSet", age: old, stuck: { before: "ready", count: 1 }, without: ["nodes"] },
        due({ blockers: ["NotFullyAvailable"] }),
      ],
      [
        "the ReplicaSets of a gateway that the guard restarted",
        { age: MINUTE, ...restartedByGuard(MINUTE), without: ["replicasets"] },
        verifying({ says: /lacks the permission to list replicasets\.apps/ }),
      ],
      [
        "the ControllerRevisions of a gateway that the guard restarted",
        { kind: "DaemonSet", age: MINUTE, ...restartedByGuard(MINUTE), without: ["controllerrevisions"] },
        verifying({ says: /lacks the permission to list controllerrevisions\.apps/ }),
      ],
      [
        "what the gateway's ServiceAccount may do",
        { age: old, without: ["subjectaccessreviews"] },
        due({ blockers: ["DiscoveryForbidden"], says: /lacks the permission to create subjectaccessreviews/ }),
      ],
    ],
    "anything, because there is nothing": [
      ["no workload", { absent: true }, noAnswer("NoGatewayFound", { says: /gateways\.selector/ })],
      [
        "a control plane only",
        { labels: { "app.kubernetes.io/component": "control-plane" } },
        noAnswer("NoGatewayFound"),
      ],
    ],
  });
});

describeCluster("a check of all namespaces", ({ cluster }) => {
  const namespaces: string[] = [];
  let guard: GuardIdentity;
  let since: AuditMark;

  beforeAll(async () => {
    for (let count = 0; count < 2; count++) namespaces.push(await cluster.namespace("check-all"));
    const [first = ""] = namespaces;
    guard = await signUpGuard(cluster, first, { everywhere: true });
    await Promise.all(namespaces.map((namespace) => arrange(cluster, namespace, { age: old })));
    since = await cluster.audit.mark();
  });

  const lookEverywhere = (as: GuardIdentity) => look(cluster, as, { namespaces: [], settings: settings() });

  test("finds gateways whose namespaces nobody named", async () => {
    const { report } = await lookEverywhere(guard);
    const found = report.gateways.filter(({ namespace }) => namespaces.includes(namespace));
    expect(report.error).toBeNull();
    expect(found.map(({ namespace }) => namespace).sort()).toEqual([...namespaces].sort());
    expect(found.map(({ verdict }) => verdict)).toEqual(["due", "due"]);
  });

  test("neither writes nor lists the pods of the whole cluster", async () => {
    const asked = await cluster.audit.events({ since, user: guard.user });
    const lists = asked.filter(({ verb, objectRef }) => verb === "list" && objectRef?.resource === "pods");
    expect(lists.length).toBeGreaterThan(1);
    expect(lists.filter(({ objectRef }) => objectRef?.namespace === undefined)).toEqual([]);
    expect(await cluster.audit.writes({ since, user: guard.user })).toEqual([]);
  });

  test("with a token that has expired says that the sign-in failed, and not the token", async () => {
    const owner = { namespace: namespaces[0] ?? "", serviceAccount: "token-guard" };
    const [issuedAt, expiresAt] = [new Date(Date.now() - 2 * DAY), new Date(Date.now() - DAY)];
    const token = await cluster.tokens.forge(owner, { issuedAt, expiresAt });
    const { report, exit } = await lookEverywhere({ ...guard, token });
    expect(report).toMatchObject({ error: { code: "SignInFailed" }, gateways: [], gitVersion: null });
    expect(exit).toBe(1);
    expect(JSON.stringify(report)).not.toContain(token.slice(0, 20));
  });
});
