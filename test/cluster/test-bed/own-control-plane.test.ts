import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive } from "../../support/control-plane/build/lock.ts";
import { type KubeList, podPath } from "../../support/control-plane/cluster/objects.ts";
import { claimsOf } from "../../support/control-plane/cluster/tokens.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { gatewayDeployment, gatewaySelector, gatewaySupport } from "../../support/control-plane/manifests.ts";
import { startControlPlane } from "../../support/control-plane/start.ts";
import { describeCluster } from "../../support/control-plane/suite.ts";

/** From the call to Ready nodes, in milliseconds, beside the shared control plane on two cores. */
const START_LIMIT = 8000;

/** The longest life of a token as EKS sets it on some clusters, in seconds. */
const DAY_SECONDS = 86_400;

/** The tests below are about the test bed itself: a second control plane, with flags of its own. */
describeCluster("a control plane of one's own", ({ cluster: shared, binaries }) => {
  let own: ControlPlane;
  let startMs: number;

  beforeAll(async () => {
    const start = performance.now();
    own = await startControlPlane({
      binaries,
      nodes: 1,
      anonymous: "health-only",
      signer: { maxTokenSeconds: DAY_SECONDS },
      // Its default is to serve old pages from memory, which hides a compaction.
      apiserverArgs: ["--feature-gates=ListFromCacheSnapshot=false"],
    });
    startMs = performance.now() - start;
  });
  afterAll(() => own.stop());

  test("is ready within seconds", () => {
    process.stdout.write(`control plane ready in ${(startMs / 1000).toFixed(1)} s\n`);
    // A start is almost all computing: where more wants to run than there are cores, it takes that much longer.
    const [load = 0] = loadavg();
    expect(startMs).toBeLessThan(START_LIMIT * Math.max(1, load / availableParallelism()));
  });

  test("is another cluster than the shared one", async () => {
    const namespace = await own.namespace("mine");
    expect((await own.request("GET", `/api/v1/namespaces/${namespace}`)).status).toBe(200);
    expect((await shared.request("GET", `/api/v1/namespaces/${namespace}`)).status).toBe(404);
  });

  test("refuses requests without credentials, where the shared one knows them as anonymous", async () => {
    expect((await own.request("GET", "/api/v1/pods", { token: null })).status).toBe(401);
    expect((await own.request("GET", "/readyz", { token: null })).status).toBe(200);
    expect((await shared.request("GET", "/api/v1/pods", { token: null })).status).toBe(403);
  });

  test("an external signer caps the life of tokens, forged ones are still accepted", async () => {
    const shop = { name: "shop", namespace: "default", node: "node-1", replicas: 1 };
    await own.apply([...gatewaySupport(shop), gatewayDeployment(shop)]);
    const [pod] = await own.pods.ready("default", gatewaySelector("shop"), 1);
    const owner = { namespace: "default", serviceAccount: "shop", pod: pod?.metadata.name ?? "" };
    const { iat, exp } = claimsOf(await own.tokens.request(owner)) as { iat: number; exp: number };
    expect(exp - iat).toBe(DAY_SECONDS);
    const times = { issuedAt: new Date(), expiresAt: new Date(Date.now() + 600_000) };
    const token = await own.tokens.forge(owner, times);
    expect((await own.request("GET", "/api/v1/pods", { token })).status).toBe(403);
  });

  test("takes flags: after a compaction the next page of a list is gone", async () => {
    const path = "/api/v1/namespaces?limit=1";
    const { metadata } = await own.api.get<KubeList>(path);
    await own.namespace("later");
    await own.etcd.compact();
    expect((await own.request("GET", `${path}&continue=${metadata.continue}`)).status).toBe(410);
  });

  test("survives the death of its API server with all state", async () => {
    const namespace = await own.namespace("kept");
    await own.killApiServer();
    await expect(own.request("GET", "/readyz")).rejects.toThrow("ECONNREFUSED");
    await own.restartApiServer();
    expect((await own.request("GET", `/api/v1/namespaces/${namespace}`)).status).toBe(200);
  });

  test("without kwok logs answer 500, as with a node that is gone", async () => {
    const shop = { name: "late", namespace: "default", node: "node-1", replicas: 1 };
    await own.apply([...gatewaySupport(shop), gatewayDeployment(shop)]);
    const [pod] = await own.pods.ready("default", gatewaySelector("late"), 1);
    await own.kill("kwok");
    const path = podPath({ namespace: "default", name: pod?.metadata.name ?? "" });
    expect((await own.request("GET", `${path}/log`)).status).toBe(500);
  });

  test("leaves neither a process nor a file when it stops", async () => {
    const pids = Object.values(own.pids);
    expect(pids.length).toBeGreaterThanOrEqual(4);
    await own.stop();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(own.runDirectory)).toBe(false);
  });
});
