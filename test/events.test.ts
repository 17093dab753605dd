import { describe, expect, it } from "vitest";
import { rehearse } from "../src/cli/rehearsal.ts";
import { examine } from "../src/doctor.ts";
import { type Read, read, unread } from "../src/model/read.ts";
import { DAY, MINUTE } from "../src/model/time.ts";
import type { Restarter } from "../src/ports.ts";
import { reconcile } from "../src/reconcile.ts";
import { buildReport } from "../src/report/build.ts";
import { exitCode } from "../src/report/exit-code.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { settings } from "./support/gateways.ts";
import { noteOf } from "./support/heal/notes.ts";
import { heal, OPTIONS, refreshOne, restartsOf, resultsOf, type Scene, scene } from "./support/heal/scene.ts";

const DUE: GatewaySpec = { createdAgo: 61 * DAY };
const REFUSED: GatewaySpec = { createdAgo: 61 * DAY, refusedFor: 5 * MINUTE };

const told = ({ cluster }: Scene) => cluster.events().map(({ workload, reason }) => `${workload.name} ${reason}`);

describe("events", () => {
  it.each(["Deployment", "DaemonSet", "StatefulSet"] as const)(
    "tell of a restart of a %s and of its cure",
    async (kind) => {
      const all = scene([{ ...REFUSED, kind }]);
      await heal(all);
      const { uid } = all.cluster.store.get(kind, "apisix", "apisix")?.metadata ?? {};
      const workload = { namespace: "apisix", kind, name: "apisix", uid };
      expect(all.cluster.events()).toMatchObject([
        {
          reason: "TokenGuardRestart",
          workload,
          message: expect.stringMatching(/^Rolling restart: TokenRefused\. The API/),
        },
        {
          reason: "TokenGuardCured",
          workload,
          message: expect.stringMatching(/^Restart of 2026-\S+Z: cured\. The logs/),
        },
      ]);
    },
  );

  it("tell of refusals that go on, once", async () => {
    const all = scene([{ ...REFUSED, afterRestart: { refused: true } }]);
    await heal(all);
    all.cluster.clock.advance(13 * 60 * MINUTE);
    await heal(all);
    expect(told(all)).toEqual(["apisix TokenGuardRestart", "apisix TokenGuardRefused"]);
  });

  it("tell that a person asked", async () => {
    const all = scene([{ createdAgo: DAY }]);
    await refreshOne(all, all.gateways[0]);
    expect(told(all)).toEqual(["apisix TokenGuardRestart", "apisix TokenGuardCured"]);
    expect(all.cluster.events()[0]?.message).toContain("a person asked");
  });

  it("come after what they tell of", async () => {
    const order: string[] = [];
    const all = scene([REFUSED]);
    const { restarter } = all.cluster;
    const noting: Restarter = {
      patch: async (ref, body) => {
        const answer = await restarter.patch(ref, body);
        order.push(body.spec === undefined ? `${noteOf(body)?.reason} ${noteOf(body)?.result}` : "restart");
        return answer;
      },
      createEvent: (event) => {
        order.push(event.reason);
        return restarter.createEvent(event);
      },
    };
    await heal(all, { restarter: noting });
    expect(order).toEqual([
      "AboutToRestart null",
      "restart",
      "TokenGuardRestart",
      "TokenRefused cured",
      "TokenGuardCured",
    ]);
  });

  it("of a restart whose answer was lost are left all the same, as far as it is known to be ordered", async () => {
    const all = scene([REFUSED]);
    const { restarter } = all.cluster;
    const lossy: Restarter = {
      ...restarter,
      patch: async (ref, body) => {
        const answer = await restarter.patch(ref, body);
        return body.spec === undefined ? answer : unread({ code: "Timeout", what: "patch it", message: "No answer." });
      },
    };
    await heal(all, { restarter: lossy });
    expect(told(all)).toEqual(["apisix TokenGuardRestart", "apisix TokenGuardCured"]);
  });

  it("are none of a restart that was not accepted", async () => {
    const all = scene([REFUSED]);
    all.cluster.fail({ call: "patch", code: "Forbidden" });
    expect(resultsOf(await heal(all))).toEqual({ apisix: "deferred" });
    expect(told(all)).toEqual([]);
  });

  it("are none of a restart that may have been ordered, when nobody can tell", async () => {
    const all = scene([REFUSED]);
    const { restarter } = all.cluster;
    const cutOff: Restarter = {
      ...restarter,
      patch: async (ref, body) => {
        if (body.spec === undefined) return restarter.patch(ref, body);
        all.cluster.fail({ call: "workload", code: "Timeout", times: 1 });
        return unread({ code: "Timeout", what: "patch it", message: "No answer." });
      },
    };
    await heal(all, { restarter: cutOff, stopAt: all.cluster.clock.now() });
    expect(restartsOf(all)).toEqual([]);
    expect(told(all)).toEqual([]);
  });

  it("of a result that is not kept are left once, however often it is noted", async () => {
    const all = scene([DUE]);
    const { restarter } = all.cluster;
    let noted = 0;
    const forgetful: Restarter = {
      ...restarter,
      patch: async (ref, body) => {
        if (noteOf(body)?.result == null) return restarter.patch(ref, body);
        noted++;
        return read(null);
      },
    };
    await heal(all, { restarter: forgetful });
    expect(noted).toBeGreaterThan(1);
    expect(told(all)).toEqual(["apisix TokenGuardRestart", "apisix TokenGuardCured"]);
  });

  it("are none of a result that is not noted", async () => {
    const all = scene([REFUSED]);
    const { restarter } = all.cluster;
    const deaf: Restarter = {
      ...restarter,
      patch: async (ref, body): Promise<Read<null>> =>
        noteOf(body)?.result == null
          ? restarter.patch(ref, body)
          : unread({ code: "Timeout", what: "patch it", message: "No answer." }),
    };
    await heal(all, { restarter: deaf });
    expect(told(all)).toEqual(["apisix TokenGuardRestart"]);
  });

  it("of a result are left by the run that notes it, when the one that restarted was stopped", async () => {
    const all = scene([REFUSED]);
    await heal(all, { stopAt: all.cluster.clock.now() });
    expect(told(all)).toEqual(["apisix TokenGuardRestart"]);
    await heal(all);
    expect(told(all)).toEqual(["apisix TokenGuardRestart", "apisix TokenGuardCured"]);
  });

  it("are left once by two guards that note one result", async () => {
    const all = scene([REFUSED]);
    let looks = 0;
    // The other one goes to the end while this one waits.
    const onLook = async () => {
      if (looks++ === 0) await heal(all);
    };
    await heal(all, { onLook });
    expect(told(all)).toEqual(["apisix TokenGuardRestart", "apisix TokenGuardCured"]);
  });
});

describe("an event that cannot be left", () => {
  it.each(["Forbidden", "Timeout", "ServerError", "Conflict"] as const)(
    "changes nothing but the report, which says so once: %s",
    async (code) => {
      const plain = scene([REFUSED, { ...DUE, name: "b" }]);
      const expected = await heal(plain);

      const all = scene([REFUSED, { ...DUE, name: "b" }]);
      all.cluster.fail({ call: "createEvent", code });
      const result = await heal(all);
      expect(told(all)).toEqual([]);
      expect(restartsOf(all)).toEqual(["apisix", "b"]);
      const { warnings, ...rest } = buildReport(result);
      expect(rest).toEqual({ ...buildReport(expected), warnings: undefined });
      expect(warnings).toEqual([
        expect.stringMatching(/^No event could be left of apisix\/Deployment\/apisix: ./),
        expect.stringMatching(/^No event could be left of apisix\/Deployment\/b: ./),
      ]);
      expect(exitCode([buildReport(result)])).toBe(0);
    },
  );

  it("is told in the report of a refresh also when a later one can", async () => {
    const all = scene([DUE]);
    all.cluster.fail({ call: "createEvent", code: "Forbidden", times: 1 });
    const { warnings } = await refreshOne(all, all.gateways[0]);
    expect(warnings).toEqual([expect.stringContaining("kubectl auth can-i create events --namespace apisix")]);
    expect(told(all)).toEqual(["apisix TokenGuardCured"]);
  });
});

describe("nothing is left", () => {
  const everything = () => scene([REFUSED, { ...DUE, name: "b" }]);

  it.each<[string, (all: Scene) => Promise<unknown>]>([
    ["a look", ({ cluster }) => reconcile(cluster, { ...OPTIONS, at: null, restarter: null })],
    ["a run that may only check", (all) => heal(all, { settings: settings({}, { mode: "check" }) })],
    ["a dry run", ({ cluster }) => rehearse(cluster, OPTIONS, OPTIONS, () => {})],
    ["a run whose writes are dry runs", (all) => heal(all, { restarter: all.cluster.dryRunRestarter })],
    [
      "an examination",
      ({ cluster }) => examine(cluster, { ...OPTIONS, purpose: "restart", auditInGroup: false, cure: "restart" }),
    ],
  ])("by %s", async (_what, work) => {
    const all = everything();
    await work(all);
    expect(all.cluster.events()).toEqual([]);
  });
});
