import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grantedPermissions } from "../../src/manifests/permissions.ts";
import { describePermission } from "../../src/model/asked.ts";
import { DAY, MINUTE } from "../../src/model/time.ts";
import { restartedByGuard } from "../support/check/gateways.ts";
import { type Look, look } from "../support/check/look.ts";
import { arrange, type Scenario } from "../support/check/scenario.ts";
import type { AuditEvent } from "../support/control-plane/cluster/audit.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { settings } from "../support/gateways.ts";
import { enforcePolicy, grantPermissions, LOOKER, uninstall } from "../support/guard/install.ts";

const old = 61 * DAY;

/** Between them they make a check ask everything that it ever asks. */
const SCENARIOS: readonly Scenario[] = [
  { age: old },
  { age: MINUTE, ...restartedByGuard(MINUTE) },
  { kind: "DaemonSet", age: MINUTE, ...restartedByGuard(MINUTE) },
  { kind: "DaemonSet", age: old, stuck: { before: "ready", count: 1 } },
  { kind: "StatefulSet", age: old },
];

describeCluster("the identity that only looks, under the published manifests", ({ cluster }) => {
  const namespaces: string[] = [];

  beforeAll(async () => {
    for (const _ of SCENARIOS) namespaces.push(await cluster.namespace("look"));
    await Promise.all(SCENARIOS.map((scenario, index) => arrange(cluster, namespaces[index] ?? "", scenario)));
  });
  afterAll(() => uninstall(cluster));

  const check = (): Promise<Look> => look(cluster, LOOKER, { namespaces, settings: settings(), probe: true });

  test("as long as these are not applied, is told what it lacks, and that gateways may exist", async () => {
    const { report, exit } = await check();
    expect(report.error).toMatchObject({
      code: "ClusterUnreadable",
      message: expect.stringMatching(
        /Gateways may exist that were not seen: .* lacks the permission to list deployments\.apps/,
      ),
    });
    expect(exit).toBe(1);
  });

  describe("when they are", () => {
    let seen: Look;
    let asked: readonly AuditEvent[];

    beforeAll(async () => {
      await grantPermissions(cluster, namespaces, { probe: true });
      await enforcePolicy(cluster, namespaces[0] ?? "", { probe: true });
      const since = await cluster.audit.mark();
      seen = await check();
      asked = await cluster.audit.events({ since, user: LOOKER.user });
      expect(await cluster.audit.writes({ since, user: LOOKER.user })).toEqual([]);
    });

    test("sees all that a check sees, and misses no permission", () => {
      const { report } = seen;
      expect(report.error).toBeNull();
      expect(report.gateways.map(({ verdict }) => verdict).sort()).toEqual([
        "due",
        "due",
        "due",
        "verifying",
        "verifying",
      ]);
      expect(JSON.stringify(report)).not.toContain("lacks the permission");
    });

    test("is refused nothing", () => {
      expect(asked.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
    });

    test("uses every permission that it has", () => {
      const used = new Set(asked.map(permissionOf));
      const granted = grantedPermissions("read", namespaces, { probe: true })
        .map((permission) => describePermission({ ...permission, namespace: null }))
        // Newer servers want it beside the other, for the same request.
        .filter((permission) => !permission.startsWith("create pods/exec"));
      expect([...used].filter((one) => one !== null).sort()).toEqual([...new Set(granted)].sort());
    });
  });
});

/** Which permission a request takes, whatever the namespace; null: everybody who is signed in has it. */
function permissionOf({ verb, objectRef }: AuditEvent): string | null {
  if (objectRef?.resource === undefined) return null;
  const { resource, subresource, apiGroup } = objectRef;
  const inGroup = apiGroup === undefined ? resource : `${resource}.${apiGroup}`;
  return describePermission({
    verb,
    resource: subresource === undefined ? inGroup : `${inGroup}/${subresource}`,
    namespace: null,
  });
}
