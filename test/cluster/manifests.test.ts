import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../src/model/annotations.ts";
import { isoSeconds, MINUTE } from "../../src/model/time.ts";
import { WORKLOAD_KINDS, type WorkloadKind } from "../../src/model/workload.ts";
import { restartPatch } from "../../src/rollout/patch.ts";
import { TEST_USERS } from "../support/control-plane/boot/credentials.ts";
import type { Answer } from "../support/control-plane/cluster/api.ts";
import type { KubeObject } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { APPLY, FORBIDDEN, JSON_PATCH, MERGE, STRATEGIC, TEMPLATE_COUNTER } from "../support/guard/attempts.ts";
import { enforcePolicy, GUARD, grantPermissions, LOOKER, POLICY_PATH, uninstall } from "../support/guard/install.ts";
import { ELSEWHERE, NOT_TO_LOOK, OUT_OF_REACH, type OutOfReach } from "../support/guard/out-of-reach.ts";
import { contentOf, createWorkload, workloadPath } from "../support/guard/workloads.ts";

/** How often a patch with a resourceVersion is sent when a controller writes the status in between. */
const PATCH_ATTEMPTS = 5;

describeCluster("the guard's own identity under the published manifests", ({ cluster }) => {
  let namespace: string;
  let elsewhere: string;
  const nameOf = (kind: WorkloadKind): string => kind.toLowerCase();
  const pathOf = (kind: WorkloadKind): string => workloadPath(kind, namespace, nameOf(kind));

  beforeAll(async () => {
    [namespace, elsewhere] = await Promise.all([cluster.namespace("guarded"), cluster.namespace("elsewhere")]);
    await grantPermissions(cluster, [namespace]);
    await enforcePolicy(cluster, namespace);
    await Promise.all([
      ...WORKLOAD_KINDS.map((kind) => createWorkload(cluster, kind, { namespace, name: nameOf(kind) })),
      createWorkload(cluster, "Deployment", { namespace: elsewhere, name: "deployment" }),
    ]);
  });
  afterAll(() => uninstall(cluster));

  const patch = (kind: WorkloadKind, body: unknown, contentType = STRATEGIC, query = ""): Promise<Answer> =>
    cluster.request("PATCH", `${pathOf(kind)}${query}`, { token: GUARD.token, body, contentType });

  /** Server-side apply names its object, and takes fields over from whoever set them. */
  const apply = (kind: WorkloadKind, fields: object): Promise<Answer> =>
    patch(
      kind,
      { apiVersion: "apps/v1", kind, metadata: { name: nameOf(kind) }, ...fields },
      APPLY,
      "?fieldManager=apisix-token-guard&force=true",
    );

  const get = (kind: WorkloadKind): Promise<KubeObject> => cluster.api.get<KubeObject>(pathOf(kind));
  const restartedAt = ({ spec }: KubeObject): string | undefined =>
    spec.template.metadata.annotations?.[RESTARTED_AT_ANNOTATION];

  /** A moment that no other restart of this file has. */
  let minutes = 0;
  const nextMoment = (): number => Date.parse("2026-06-01T12:00:00Z") + ++minutes * MINUTE;
  const template = (moment: string) => ({
    template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: moment } } },
  });

  test("the API server finds nothing to complain about in the policy", async () => {
    const policy = await waitFor("the policy to be type-checked", async () => {
      const { metadata, status } = await cluster.api.get<KubeObject>(POLICY_PATH);
      return status?.observedGeneration === metadata.generation && status;
    });
    expect(policy.typeChecking).toEqual({});
  });

  describe.each(WORKLOAD_KINDS)("may restart a %s", (kind) => {
    test("as it does, with its note and the resourceVersion it has seen", async () => {
      const at = nextMoment();
      const note = { at, reason: "TokenRefused", result: null, lifetime: null };
      for (let attempt = 1; ; attempt++) {
        const seen = (await get(kind)).metadata.resourceVersion ?? "";
        const { status } = await patch(kind, restartPatch(seen, note), STRATEGIC, "?fieldManager=apisix-token-guard");
        if (status === 409 && attempt < PATCH_ATTEMPTS) continue;
        expect(status).toBe(200);
        break;
      }
      const stored = await get(kind);
      expect(restartedAt(stored)).toBe(isoSeconds(at));
      expect(stored.metadata.annotations?.[LAST_RESTART_ANNOTATION]).toContain('"reason":"TokenRefused"');
    });

    it.each([
      ["by strategic merge patch, as kubectl does", STRATEGIC],
      ["by merge patch", MERGE],
    ])("%s", async (_, type) => {
      const moment = isoSeconds(nextMoment());
      expect((await patch(kind, { spec: template(moment) }, type)).status).toBe(200);
      expect(restartedAt(await get(kind))).toBe(moment);
    });

    test("by JSON patch", async () => {
      const value = isoSeconds(nextMoment());
      const path = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt";
      expect((await patch(kind, [{ op: "replace", path, value }], JSON_PATCH)).status).toBe(200);
      expect(restartedAt(await get(kind))).toBe(value);
    });

    test("by server-side apply, and may not lose what it applied", async () => {
      const moment = isoSeconds(nextMoment());
      expect((await apply(kind, { spec: template(moment) })).status).toBe(200);
      expect(restartedAt(await get(kind))).toBe(moment);
      const { status, text } = await apply(kind, {});
      expect([status, text]).toEqual([403, expect.stringContaining("restartedAt may not be removed")]);
      expect(restartedAt(await get(kind))).toBe(moment);
    });

    it.each(["2026-06-02T12:00:00+02:00", "2026-06-02T12:00:00-11:30"])("at %s", async (moment) => {
      expect((await patch(kind, { spec: template(moment) })).status).toBe(200);
      expect(restartedAt(await get(kind))).toBe(moment);
    });

    test("for trial, which stores nothing", async () => {
      const before = await contentOf(cluster, pathOf(kind));
      const body = { spec: template(isoSeconds(nextMoment())) };
      expect((await patch(kind, body, STRATEGIC, "?dryRun=All")).status).toBe(200);
      expect(await contentOf(cluster, pathOf(kind))).toEqual(before);
    });

    test("naming the very object that it means", async () => {
      const { uid } = (await get(kind)).metadata;
      const moment = isoSeconds(nextMoment());
      expect((await patch(kind, { metadata: { uid }, spec: template(moment) })).status).toBe(200);
      expect(restartedAt(await get(kind))).toBe(moment);
    });

    test("not on top of a change that it has not seen", async () => {
      const before = await contentOf(cluster, pathOf(kind));
      const body = { metadata: { resourceVersion: "1" }, spec: template(isoSeconds(nextMoment())) };
      expect((await patch(kind, body)).status).toBe(409);
      expect(await contentOf(cluster, pathOf(kind))).toEqual(before);
    });

    it.each([
      ["its note alone", '{"at":"2026-06-01T12:00:00Z","reason":"TokenRefused","result":"cured"}'],
      ["its note at its longest", "x".repeat(1_024)],
    ])("and write %s", async (_, note) => {
      expect((await patch(kind, { metadata: { annotations: { [LAST_RESTART_ANNOTATION]: note } } })).status).toBe(200);
      expect((await get(kind)).metadata.annotations?.[LAST_RESTART_ANNOTATION]).toBe(note);
    });

    test("and change nothing at all", async () => {
      expect((await patch(kind, {})).status).toBe(200);
    });
  });

  test("cannot touch a DaemonSet's count of its templates, which the API server keeps", async () => {
    const counted = async () => (await get("DaemonSet")).metadata.annotations?.[TEMPLATE_COUNTER];
    const before = await counted();
    expect((await patch("DaemonSet", { metadata: { annotations: { [TEMPLATE_COUNTER]: "99" } } })).status).toBe(200);
    expect(await counted()).toBe(before);
  });

  describe.each(WORKLOAD_KINDS)("is refused by the policy, of a %s,", (kind) => {
    it.each(FORBIDDEN.filter(({ kinds }) => kinds.includes(kind)))("$what", async ({ body, type, says }) => {
      const before = await contentOf(cluster, pathOf(kind));
      const { status, text } = type === APPLY ? await apply(kind, body) : await patch(kind, body, type);
      expect([status, text]).toEqual([403, expect.stringMatching(says)]);
      expect(await contentOf(cluster, pathOf(kind))).toEqual(before);
    });

    test("a new image, even for trial", async () => {
      const body = { spec: { template: { spec: { containers: [{ name: "apisix", image: "evil/apisix:1" }] } } } };
      const { status, text } = await patch(kind, body, STRATEGIC, "?dryRun=All");
      expect([status, text]).toEqual([403, expect.stringContaining("apisix-token-guard-restart-only")]);
    });
  });

  const outOfReachOf =
    ({ user, token }: { readonly user: string; readonly token: string }) =>
    async ({ method, path, body, type, headers = {} }: OutOfReach): Promise<void> => {
      const place = path.replace("NS", namespace).replace("ELSEWHERE", elsewhere);
      const { status, text } = await cluster.request(method, place, {
        token,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(type === undefined ? {} : { contentType: type }),
      });
      expect([status, text]).toEqual([403, expect.stringContaining(`User \\"${user}\\" cannot`)]);
    };
  const expectOutOfReach = outOfReachOf(GUARD);

  describe("is refused by its permissions", () => {
    it.each(OUT_OF_REACH)("$what", expectOutOfReach);
    it.each(ELSEWHERE)("$what", expectOutOfReach);
  });

  describe("to look only is refused by its permissions", () => {
    it.each([...OUT_OF_REACH, ...NOT_TO_LOOK, ...ELSEWHERE])("$what", outOfReachOf(LOOKER));
  });

  describe("to look only, when somebody gives it the permissions of an editor,", () => {
    const binding = { name: "careless", namespace: "" };
    beforeAll(async () => {
      binding.namespace = namespace;
      const apiGroup = "rbac.authorization.k8s.io";
      await cluster.apply({
        apiVersion: `${apiGroup}/v1`,
        kind: "RoleBinding",
        metadata: binding,
        roleRef: { apiGroup, kind: "ClusterRole", name: "edit" },
        subjects: [{ apiGroup, kind: "Group", name: LOOKER.group }],
      });
      await waitFor("its permissions", async () => {
        const { text } = await change("Deployment", {});
        return !text.includes("cannot patch");
      });
    });
    afterAll(() =>
      cluster.api.delete(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/${binding.name}`),
    );

    const change = (kind: WorkloadKind, body: object): Promise<Answer> =>
      cluster.request("PATCH", pathOf(kind), { token: LOOKER.token, body, contentType: STRATEGIC });

    it.each(
      WORKLOAD_KINDS.flatMap((kind) => [
        [kind, "a restart", () => ({ spec: template(isoSeconds(nextMoment())) })] as const,
        [kind, "a note", () => ({ metadata: { annotations: { [LAST_RESTART_ANNOTATION]: "{}" } } })] as const,
        [kind, "a label", () => ({ metadata: { labels: { colour: "blue" } } })] as const,
      ]),
    )("is refused by the policy, of a %s, %s", async (kind, _what, body) => {
      const before = await contentOf(cluster, pathOf(kind));
      const { status, text } = await change(kind, body());
      const says = "of its groups only apisix-token-guard may change a workload";
      expect([status, text]).toEqual([403, expect.stringContaining(says)]);
      expect(await contentOf(cluster, pathOf(kind))).toEqual(before);
    });
  });

  describe("is known by its group", () => {
    const asMember = (body: object): Promise<Answer> =>
      cluster.request("PATCH", pathOf("Deployment"), {
        body,
        headers: { "impersonate-user": "somebody", "impersonate-group": GUARD.group },
      });

    test("also when somebody impersonates a member", async () => {
      expect((await asMember({ spec: template(isoSeconds(nextMoment())) })).status).toBe(200);
      const { status, text } = await asMember({ spec: { paused: true } });
      expect([status, text]).toEqual([403, expect.stringContaining("apisix-token-guard-restart-only")]);
    });
  });

  describe("does not stand in the way of others:", () => {
    const editor = { token: TEST_USERS.editor.token };
    const path = () => workloadPath("Deployment", namespace, "of-editors");

    beforeAll(async () => {
      await cluster.apply({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "editors", namespace },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: TEST_USERS.editor.groups[0] }],
      });
      await createWorkload(cluster, "Deployment", { namespace, name: "of-editors" });
      await waitFor(
        "the editors' permissions",
        async () => (await cluster.request("GET", path(), editor)).status === 200,
      );
    });

    it.each([
      [
        "a new image",
        { spec: { template: { spec: { containers: [{ name: "apisix", image: "apache/apisix:3.13.0" }] } } } },
      ],
      ["more replicas", { spec: { replicas: 1 } }],
      ["a pause", { spec: { paused: true } }],
      ["a label", { metadata: { labels: { colour: "blue" } } }],
      ["an annotation", { metadata: { annotations: { "example.com/a": "b" } } }],
      ["restartedAt with milliseconds", { spec: template("2026-06-01T12:00:00.000Z") }],
      [
        "restartedAt taken away",
        { spec: { template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: null } } } } },
      ],
      ["the guard's own note", { metadata: { annotations: { [LAST_RESTART_ANNOTATION]: "x".repeat(2_000) } } }],
    ])("an editor makes %s", async (_, body) => {
      const { status, text } = await cluster.request("PATCH", path(), { ...editor, body, contentType: STRATEGIC });
      expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ kind: "Deployment" })]);
    });

    test("an editor scales, replaces and deletes", async () => {
      const scale = await cluster.request("PATCH", `${path()}/scale`, { ...editor, body: { spec: { replicas: 0 } } });
      expect(scale.status).toBe(200);
      const { resourceVersion: _, ...metadata } = (await cluster.api.get<KubeObject>(path())).metadata;
      const body = { ...(await cluster.api.get<KubeObject>(path())), metadata };
      expect((await cluster.request("PUT", path(), { ...editor, body })).status).toBe(200);
      expect((await cluster.request("DELETE", path(), editor)).status).toBe(200);
    });
  });

  describe("with permissions for the whole cluster", () => {
    const gateway = () => workloadPath("Deployment", elsewhere, "deployment");
    const send = (body: object) =>
      cluster.request("PATCH", gateway(), { token: GUARD.token, body, contentType: STRATEGIC });

    beforeAll(() => grantPermissions(cluster, []));

    test("may restart in every namespace", async () => {
      expect((await send({ spec: template(isoSeconds(nextMoment())) })).status).toBe(200);
    });

    test("may do no more there either", async () => {
      const { status, text } = await send({ spec: { replicas: 3 } });
      expect([status, text]).toEqual([403, expect.stringContaining("apisix-token-guard-restart-only")]);
    });

    it.each(OUT_OF_REACH)("is still refused $what", expectOutOfReach);
  });
});
