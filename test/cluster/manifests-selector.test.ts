import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { admissionManifests } from "../../src/manifests/admission-policy.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../src/model/annotations.ts";
import { DEFAULT_SELECTOR, gatewaySelector } from "../../src/model/gateway-selector.ts";
import { WORKLOAD_KINDS, type WorkloadKind } from "../../src/model/workload.ts";
import { labelTest } from "../../src/simulate/label-selector.ts";
import type { Answer } from "../support/control-plane/cluster/api.ts";
import type { KubeList, KubeObject } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { JSON_PATCH, STRATEGIC } from "../support/guard/attempts.ts";
import { createWorkload, PLURALS, workloadPath } from "../support/guard/workloads.ts";
import { LABEL_SELECTORS, LABEL_SETS, NO_LABEL_SELECTORS } from "../support/label-selectors.ts";

/** As long as guard.yml and the command line take it, of as many requirements as fit. */
const LONGEST = Array.from({ length: 100 }, (_, index) => `k${index + 100}!=abc`).join(",");

/** Each as the policy of a guard of its own, told from the others by its group. */
const SELECTORS: readonly string[] = [...LABEL_SELECTORS, LONGEST];
const nameOf = (selector: string): string => `selector-test-${SELECTORS.indexOf(selector)}`;
const groupOf = (selector: string): string => `guard-${SELECTORS.indexOf(selector)}`;

const ADMISSION = "admissionregistration.k8s.io/v1";
const RBAC = "rbac.authorization.k8s.io";

describeCluster("the admission policy under a label selector", ({ cluster }) => {
  let namespace: string;
  const labelSets = Object.entries(LABEL_SETS);

  beforeAll(async () => {
    namespace = await cluster.namespace("selected");
    await Promise.all([
      ...WORKLOAD_KINDS.flatMap((kind) =>
        labelSets.map(async ([name, labels]) => {
          const path = await createWorkload(cluster, kind, { namespace, name });
          const change = labels === null ? { op: "remove" } : { op: "replace", value: labels };
          await cluster.api.patch(path, [{ ...change, path: "/metadata/labels" }], JSON_PATCH);
        }),
      ),
      cluster.apply({
        apiVersion: `${RBAC}/v1`,
        kind: "RoleBinding",
        metadata: { name: "guards", namespace },
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "edit" },
        subjects: SELECTORS.map((selector) => ({ apiGroup: RBAC, kind: "Group", name: groupOf(selector) })),
      }),
      ...SELECTORS.map((selector) => cluster.apply(policyOf(selector))),
    ]);
    await Promise.all(
      SELECTORS.map((selector) =>
        waitFor(`the policy for ${selector} to be in force`, async () => {
          const { status, text } = await patch(selector, "Deployment", "gateway", { spec: { paused: true } });
          return status === 403 && text.includes(nameOf(selector));
        }),
      ),
    );
  });

  afterAll(() =>
    Promise.all(
      SELECTORS.flatMap((selector) =>
        ["validatingadmissionpolicybindings", "validatingadmissionpolicies"].map((plural) =>
          cluster.request("DELETE", `/apis/${ADMISSION}/${plural}/${nameOf(selector)}`),
        ),
      ),
    ),
  );

  /** As the guard of that selector, for trial: nothing is stored. */
  const patch = (selector: string, kind: WorkloadKind, name: string, body: object): Promise<Answer> =>
    cluster.request("PATCH", `${workloadPath(kind, namespace, name)}?dryRun=All`, {
      body,
      contentType: STRATEGIC,
      headers: { "impersonate-user": "somebody", "impersonate-group": groupOf(selector) },
    });

  const listed = (selector: string, kind: WorkloadKind): Promise<Answer> => {
    const path = `/apis/apps/v1/namespaces/${namespace}/${PLURALS[kind]}`;
    return cluster.request("GET", `${path}?labelSelector=${encodeURIComponent(selector)}`);
  };

  test("says nothing to complain about to the API server, whatever the selector", async () => {
    for (const selector of SELECTORS) {
      const { typeChecking } = await waitFor(`the policy for ${selector} to be type-checked`, async () => {
        const path = `/apis/${ADMISSION}/validatingadmissionpolicies/${nameOf(selector)}`;
        const { metadata, status } = await cluster.api.get<KubeObject>(path);
        return status?.observedGeneration === metadata.generation && status;
      });
      expect([selector, typeChecking]).toEqual([selector, {}]);
    }
  });

  describe.each(WORKLOAD_KINDS)("lets a %s be restarted", (kind) => {
    it.each(SELECTORS.map((selector) => [selector.slice(0, 80), selector] as const))(
      "when the API server lists it under %s, else not",
      async (_, selector) => {
        const whole = gatewaySelector(selector);
        const { items } = JSON.parse((await listed(whole, kind)).text) as KubeList<KubeObject>;
        const matching = items.map(({ metadata }) => metadata.name);
        expect(
          labelSets
            .filter(([, labels]) => labelTest(whole)?.(labels ?? {}))
            .map(([name]) => name)
            .sort(),
        ).toEqual(matching.toSorted());
        for (const [name] of labelSets) {
          const { status, text } = await patch(selector, kind, name, RESTART);
          if (matching.includes(name)) expect([name, status]).toEqual([name, 200]);
          else
            expect([name, status, text]).toEqual([
              name,
              403,
              expect.stringContaining(`only a workload that matches ${whole} may change`),
            ]);
        }
      },
    );
  });

  it.each<[string, object]>([
    ["its note", { metadata: { annotations: { [LAST_RESTART_ANNOTATION]: "{}" } } }],
    ["the label that it lacks", { metadata: { labels: { "app.kubernetes.io/name": "apisix" } } }],
    [
      "a restart together with the label that it lacks",
      { metadata: { labels: { "app.kubernetes.io/name": "apisix" } }, ...RESTART },
    ],
    ["nothing at all", {}],
  ])("refuses of another workload %s", async (_, body) => {
    for (const kind of WORKLOAD_KINDS) {
      const { status, text } = await patch(DEFAULT_SELECTOR, kind, "other", body);
      expect([status, text]).toEqual([
        403,
        expect.stringContaining(`only a workload that matches ${DEFAULT_SELECTOR},`),
      ]);
    }
  });

  test("does not let the guard take a gateway out of the selector either", async () => {
    const { status, text } = await patch(DEFAULT_SELECTOR, "Deployment", "gateway", {
      metadata: { labels: { "app.kubernetes.io/name": "web" } },
    });
    expect([status, text]).toEqual([403, expect.stringContaining("of the metadata only annotations may change")]);
  });

  it.each(Object.keys(LABEL_SETS))("does not stand in the way of others: %s", async (name) => {
    const path = `${workloadPath("Deployment", namespace, name)}?dryRun=All`;
    for (const body of [
      RESTART,
      { metadata: { labels: { "app.kubernetes.io/name": "mine" } }, spec: { paused: true } },
    ])
      expect((await cluster.request("PATCH", path, { body, contentType: STRATEGIC })).status).toBe(200);
  });

  test("the API server takes for a selector what the guard takes for one", async () => {
    for (const selector of SELECTORS)
      expect([selector, (await listed(selector, "Deployment")).status]).toEqual([selector, 200]);
    for (const selector of NO_LABEL_SELECTORS)
      expect([selector, (await listed(selector, "Deployment")).status]).toEqual([selector, 400]);
  });
});

const RESTART = {
  spec: { template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: "2026-06-01T12:00:00Z" } } } },
};

/** The published policy under a name of its own. */
function policyOf(selector: string): KubeObject[] {
  const name = nameOf(selector);
  return admissionManifests({ group: groupOf(selector), readGroup: `${groupOf(selector)}-read`, selector }).map(
    ({ spec, ...manifest }) => {
      const bound = manifest.kind.endsWith("Binding") ? { ...(spec as object), policyName: name } : spec;
      return { ...manifest, apiVersion: ADMISSION, metadata: { name }, spec: bound };
    },
  );
}
