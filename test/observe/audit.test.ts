import { expect, it } from "vitest";
import type { AuditEvidence } from "../../src/model/audit.ts";
import { type Read, read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE } from "../../src/model/time.ts";
import type { AuditRange } from "../../src/ports.ts";
import { reconcile } from "../../src/reconcile.ts";
import { remediate } from "../../src/remediate.ts";
import { simulateCluster } from "../../src/simulate/cluster.ts";
import type { GatewaySpec } from "../../src/simulate/gateway-spec.ts";
import { NOW, SETTINGS } from "../support/gateways.ts";

const OPTIONS = {
  name: "simulated",
  scope: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
  evidence: { logs: true, config: true },
  settings: SETTINGS,
};

const ISSUED = NOW - 61 * DAY + 3 * HOUR - 10 * MINUTE;
const STARTED = { createdAgo: 70 * DAY, startedAgo: 61 * DAY - 3 * HOUR };

/** A cluster with such gateways and an audit log; what that is asked for is noted. */
function clusterWith(specs: readonly GatewaySpec[], answer: Partial<Read<AuditEvidence>> = {}) {
  const simulated = simulateCluster({ now: NOW });
  for (const spec of specs) simulated.addGateway(spec);
  const ranges: AuditRange[] = [];
  const uids = simulated.store.list("Pod", null).map(({ metadata }) => metadata.uid ?? "");
  const tokens = new Map(uids.map((uid) => [uid, [{ issuedAt: ISSUED, usedAt: NOW - MINUTE }]]));
  const evidence = { tokens, refused: [], oldestAt: NOW - DAY, newestAt: NOW, bytes: 1, gaps: [] };
  const audit = {
    read: async (range: AuditRange): Promise<Read<AuditEvidence>> => {
      ranges.push(range);
      return { ...read(evidence), ...answer } as Read<AuditEvidence>;
    },
  };
  return { cluster: { ...simulated, audit }, ranges };
}

const look = (cluster: ReturnType<typeof clusterWith>["cluster"]) =>
  reconcile(cluster, { ...OPTIONS, at: null, restarter: null });

it("the audit log is asked from the start of the oldest container that it could tell of", async () => {
  const { cluster, ranges } = clusterWith([
    STARTED,
    { name: "younger", createdAgo: DAY },
    { name: "static", createdAgo: 300 * DAY, config: "discovery: { kubernetes: { client: { token: abc } } }" },
  ]);
  const { plan } = await look(cluster);
  expect(ranges).toEqual([{ from: NOW - 61 * DAY + 3 * HOUR, until: NOW }]);
  expect(plan?.decisions.map(({ gateway, token }) => [gateway.name, token?.evidence])).toContainEqual([
    "apisix",
    "audit",
  ]);
});

it.each([
  ["no gateway", []],
  ["none with a running container", [{ pods: [{ state: "pending" }, { state: "pending" }, { state: "pending" }] }]],
  ["none with a token that is renewed", [{ config: "discovery: { kubernetes: { client: { token: abc } } }" }]],
] as const)("it is not asked when there is %s", async (_case, specs) => {
  const { cluster, ranges } = clusterWith(specs);
  await look(cluster);
  expect(ranges).toEqual([]);
});

it("a log that cannot be read spoils nothing", async () => {
  const failure = unread({ code: "Forbidden", what: "read the audit log", message: "It is not allowed." });
  const { cluster } = clusterWith([STARTED], failure);
  const { plan, error } = await look(cluster);
  expect(error).toBeNull();
  expect(plan?.warnings).toEqual([expect.stringContaining("It is not allowed.")]);
  expect(plan?.decisions).toMatchObject([{ verdict: "due", token: { evidence: "container-start" } }]);
});

it.each([
  [60 * DAY + MINUTE, [{ outcome: { result: "renewed" } }], "container-start"],
  [60 * DAY - MINUTE, [], "audit"],
])("a gateway is restarted by the exact age of its token: %i ms", async (age, outcomes, evidence) => {
  // By its container's start alone it would be due.
  const simulated = simulateCluster({ now: NOW });
  simulated.addGateway({ ...STARTED, startedAgo: 60 * DAY - 5 * MINUTE });
  const uids = simulated.store.list("Pod", null).map(({ metadata }) => metadata.uid ?? "");
  const tokens = new Map(uids.map((uid) => [uid, [{ issuedAt: NOW - age, usedAt: NOW - MINUTE }]]));
  const audited = { tokens, refused: [], oldestAt: NOW - DAY, newestAt: NOW, bytes: 1, gaps: [] };
  const result = await remediate(
    { ...simulated, audit: { read: async () => read(audited) } },
    {
      ...OPTIONS,
      restarter: simulated.restarter,
      now: simulated.clock.now,
      stopAt: null,
      sleep: async (length) => simulated.clock.advance(length),
    },
  );
  expect(result.outcomes).toMatchObject(outcomes);
  expect(result.outcomes).toHaveLength(outcomes.length);
  expect(result.plan?.decisions).toMatchObject([{ verdict: "healthy", token: { evidence } }]);
});
