import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { DAY, HOUR } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import { refused } from "../support/check/gateway-logs.ts";
import type { AuditMark } from "../support/control-plane/cluster/audit.ts";
import type { KubeObject } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { guardEventsOf } from "../support/guard/events.ts";
import type { History } from "../support/guard/history.ts";
import { GUARD } from "../support/guard/install.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import { remediateAsGuard, shown } from "../support/guard/run.ts";
import { workloadPath } from "../support/guard/workloads.ts";

describeCluster("the events that the guard leaves", ({ cluster }) => {
  let place: GuardedPlace["place"];
  let history: History;
  let guarded: GuardedPlace;
  let since: AuditMark;

  beforeAll(async () => {
    guarded = await guardCluster(cluster);
    ({ place, history } = guarded);
    since = await cluster.audit.mark();
  });
  afterAll(() => guarded?.leave());

  const told = async (gateway: GatewayRef) =>
    (await guardEventsOf(cluster, gateway)).map(({ type, reason }) => `${type} ${reason}`).sort();

  const isTrial = (uri: string): boolean => uri.includes("dryRun=All");

  /** Status codes of what the guard itself tried to leave there. */
  const created = async ({ namespace }: GatewayRef): Promise<(number | undefined)[]> =>
    (await cluster.audit.events({ since, user: GUARD.user }))
      .filter(
        ({ stage, verb, requestURI }) => stage === "ResponseComplete" && verb === "create" && !isTrial(requestURI),
      )
      .filter(({ objectRef }) => objectRef?.resource === "events" && objectRef.namespace === namespace)
      .map(({ responseStatus }) => responseStatus?.code);

  describe.concurrent("tell what was done to", () => {
    it.each(["Deployment", "DaemonSet", "StatefulSet"] as const)("a refused %s, once", async (kind) => {
      const gateway = await place({ kind, age: 13 * HOUR, log: refused });
      await remediateAsGuard(cluster, [gateway.namespace]);
      const { metadata } = await cluster.api.get<KubeObject>(workloadPath(kind, gateway.namespace, gateway.name));
      const [restartedAt] = await history.restartsOf(gateway);
      const { namespace, name } = gateway;
      const involvedObject = { apiVersion: "apps/v1", kind, namespace, name, uid: metadata.uid };
      expect(await guardEventsOf(cluster, gateway)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            involvedObject,
            type: "Normal",
            reason: "TokenGuardRestart",
            message: expect.stringMatching(/^Rolling restart: TokenRefused\. /),
            firstTimestamp: restartedAt,
          }),
          expect.objectContaining({
            involvedObject,
            type: "Normal",
            reason: "TokenGuardCured",
            message: expect.stringMatching(new RegExp(`^Restart of ${restartedAt}: cured\\. `)),
          }),
        ]),
      );

      await remediateAsGuard(cluster, [gateway.namespace], { policy: { cooldown: 0 } });
      expect(await told(gateway)).toEqual(["Normal TokenGuardCured", "Normal TokenGuardRestart"]);
      expect(await created(gateway)).toEqual([201, 201]);
    });

    test("one whose refusals go on", async () => {
      const gateway = await place({ age: 13 * HOUR, log: refused }, "refused");
      await remediateAsGuard(cluster, [gateway.namespace]);
      expect(await told(gateway)).toEqual(["Normal TokenGuardRestart", "Warning TokenGuardRefused"]);
    });

    test("one that two guards are busy with", async () => {
      const gateway = await place({ age: 61 * DAY });
      await Promise.all([1, 2].map(() => remediateAsGuard(cluster, [gateway.namespace])));
      expect(await told(gateway)).toEqual(["Normal TokenGuardCured", "Normal TokenGuardRestart"]);
    });
  });

  test("are found by readers of events.k8s.io/v1 as well", async () => {
    const gateway = await place({ age: 61 * DAY });
    await remediateAsGuard(cluster, [gateway.namespace]);
    const path = `/apis/events.k8s.io/v1/namespaces/${gateway.namespace}/events`;
    const { items } = await cluster.api.get<{ items: Record<string, unknown>[] }>(path);
    expect(items.filter(({ reportingController }) => reportingController === "apisix-token-guard")).toEqual([
      expect.objectContaining({
        regarding: expect.objectContaining({ kind: "Deployment", name: gateway.name }),
        eventTime: expect.stringMatching(/\.000000Z$/),
        note: expect.any(String),
        action: "Restart",
      }),
      expect.objectContaining({ reason: expect.stringMatching(/^TokenGuard/) }),
    ]);
  });

  test("may be missing: without the permission the restart and its proof are the same, and the report says so", async () => {
    const gateway = await place({ age: 61 * DAY });
    await withoutEvents(gateway);
    const run = await remediateAsGuard(cluster, [gateway.namespace]);
    expect(shown(run.report, gateway)).toMatchObject({ verdict: "healthy", outcome: { result: "renewed" } });
    expect(run.exit).toBe(0);
    expect(run.report.warnings).toEqual([
      expect.stringMatching(/^No event could be left of .*create events in namespace/),
    ]);
    expect(await told(gateway)).toEqual([]);
    expect(await created(gateway)).toEqual([403, 403]);
  });

  /** Takes the permission away, and waits until that is in force. */
  async function withoutEvents({ namespace }: GatewayRef): Promise<void> {
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/apisix-token-guard`;
    const { rules } = await cluster.api.get<KubeObject & { rules: { resources: string[] }[] }>(path);
    await cluster.api.patch(path, { rules: rules.filter(({ resources }) => !resources.includes("events")) });
    await waitFor("the permission to be gone", async () => {
      const { status } = await cluster.request("POST", `/api/v1/namespaces/${namespace}/events?dryRun=All`, {
        token: GUARD.token,
        body: { apiVersion: "v1", kind: "Event" },
      });
      return status === 403;
    });
  }
});
