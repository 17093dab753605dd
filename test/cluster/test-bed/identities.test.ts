import { beforeAll, expect, test } from "vitest";
import { TEST_USERS } from "../../support/control-plane/boot/credentials.ts";
import { claimsOf } from "../../support/control-plane/cluster/tokens.ts";
import { gatewayDeployment, gatewaySelector, gatewaySupport } from "../../support/control-plane/manifests.ts";
import { describeCluster } from "../../support/control-plane/suite.ts";

const DAY = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY);

/** The tests below are about the test bed itself: who may sign in, and what the audit log has about it. */
describeCluster("identities and the audit log", ({ cluster }) => {
  let namespace: string;
  let owner: { namespace: string; serviceAccount: string; pod: string };

  beforeAll(async () => {
    namespace = await cluster.namespace();
    const shop = { name: "shop", namespace, replicas: 1 };
    await cluster.apply([...gatewaySupport(shop), gatewayDeployment(shop)]);
    const [pod] = await cluster.pods.ready(namespace, gatewaySelector("shop"), 1);
    owner = { namespace, serviceAccount: "shop", pod: pod?.metadata.name ?? "" };
  });

  test("the token of a pod lives a year, though it says an hour", async () => {
    const { iat, exp, ...claims } = claimsOf(await cluster.tokens.request(owner)) as { iat: number; exp: number };
    expect(exp - iat).toBe(31_536_000);
    expect(claims).toMatchObject({ "kubernetes.io": { warnafter: iat + 3607 } });
  });

  test("an expired token is refused, and not because it is forged", async () => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const expired = await cluster.tokens.forge(owner, { issuedAt: daysAgo(91), expiresAt: daysAgo(1) });
    expect((await cluster.request("GET", path, { token: expired })).status).toBe(401);
    const valid = await cluster.tokens.forge(owner, { issuedAt: daysAgo(91), expiresAt: daysAgo(-1) });
    // Signed in, but RBAC gives the ServiceAccount nothing.
    expect((await cluster.request("GET", path, { token: valid })).status).toBe(403);
  });

  test("use of a stale token is annotated with the seconds since its warning time", async () => {
    const issuedAt = daysAgo(61);
    const times = { issuedAt, expiresAt: daysAgo(-30), warnAfter: new Date(issuedAt.getTime() + 3_607_000) };
    const since = await cluster.audit.mark();
    const token = await cluster.tokens.forge(owner, times);
    await cluster.request("GET", "/api/v1/pods", { token });
    const user = `system:serviceaccount:${namespace}:shop`;
    const event = (await cluster.audit.events({ since, user })).find(({ stage }) => stage === "ResponseComplete");
    const note = event?.annotations?.["authentication.k8s.io/stale-token"];
    expect(note).toMatch(/^subject: system:serviceaccount:.*, seconds after warning threshold: \d+$/);
    expect(Number(note?.split(" ").at(-1))).toBeCloseTo(61 * 86_400 - 3607, -1);
  });

  test("a reader leaves no write in the audit log, a writer does even when refused", async () => {
    const since = await cluster.audit.mark();
    const { token } = TEST_USERS.keeper;
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/shop`;
    await cluster.request("GET", path, { token });
    const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } };
    await cluster.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { token, body: review });
    expect(await cluster.audit.events({ since, user: "keeper" })).not.toEqual([]);
    expect(await cluster.audit.writes({ since, user: "keeper" })).toEqual([]);

    const patch = await cluster.request("PATCH", path, { token, body: { spec: { replicas: 0 } } });
    expect(patch.status).toBe(403);
    const writes = await cluster.audit.writes({ since, user: "keeper" });
    expect(writes.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`)).toEqual(["patch deployments"]);
  });

  test.for(Object.entries(TEST_USERS))("%s signs in with its groups", async ([name, { token, groups }]) => {
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const { text } = await cluster.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      token,
      body,
    });
    const { username, groups: actual } = JSON.parse(text).status.userInfo;
    expect(username).toBe(name);
    expect(actual.filter((group: string) => group !== "")).toEqual([...groups, "system:authenticated"]);
  });
});
