import { describe, expect, it } from "vitest";
import { LAST_RESTART_ANNOTATION, SKIP_ANNOTATION } from "../src/model/annotations.ts";
import type { ClusterResult } from "../src/model/decision.ts";
import { DAY, MINUTE, SECOND } from "../src/model/time.ts";
import { buildReport } from "../src/report/build.ts";
import { exitCode } from "../src/report/exit-code.ts";
import { newsOf } from "../src/report/news.ts";
import { informerFailures } from "../src/simulate/apisix-log-lines.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { NOW, settings } from "./support/gateways.ts";
import { noteOf } from "./support/heal/notes.ts";
import {
  decisionOn,
  type HealOptions,
  heal,
  onFirstLook,
  refreshOne,
  restartsOf,
  resultsOf,
  type Scene,
  scene,
} from "./support/heal/scene.ts";

const KINDS = ["Deployment", "DaemonSet", "StatefulSet"] as const;
const DUE: GatewaySpec = { createdAgo: 61 * DAY };

const RELOADS = settings({ cure: "reload" });

const reload = (all: Scene, over: HealOptions = {}): Promise<ClusterResult> =>
  heal(all, { settings: RELOADS, evidence: { logs: true, config: true, probe: true }, ...over });

const podsOf = ({ cluster }: Scene): string[] =>
  cluster.store.list("Pod", "apisix").map(({ metadata }) => metadata.name);

const lastNoteOf = ({ patches }: Scene) =>
  noteOf(patches.at(-1)?.body ?? { metadata: { resourceVersion: "", annotations: {} } });

/** Every command of the guard, in order. */
function watchCommands(all: Scene): string[] {
  const ran: string[] = [];
  const { run } = all.cluster.exec;
  all.cluster.exec.run = (request) => {
    ran.push(`${request.command[2]?.includes("kill") ? "reload" : "probe"} ${request.pod}`);
    return run(request);
  };
  return ran;
}

describe("a gateway that is due, where reloads are asked for", () => {
  it.each(KINDS)("keeps the pods of its %s, whose token is new all the same", async (kind) => {
    const all = scene([{ ...DUE, kind }]);
    const before = podsOf(all);
    const result = await reload(all);
    expect(resultsOf(result)).toEqual({ apisix: "renewed" });
    expect({ pods: podsOf(all), restarts: restartsOf(all) }).toEqual({ pods: before, restarts: [] });
    expect(decisionOn(result, all.gateways[0])).toMatchObject({ verdict: "healthy", token: { evidence: "probe" } });
    expect(lastNoteOf(all)).toMatchObject({ cure: "reload", result: "renewed" });
    expect(exitCode([buildReport(result)])).toBe(0);
  });

  it("is left in peace for the next sixty days, also by a probe that fails", async () => {
    const all = scene([DUE]);
    await reload(all);
    const patches = all.patches.length;
    all.cluster.fail({ call: "exec", code: "Forbidden" });
    all.cluster.clock.advance(59 * DAY);
    const later = await reload(all);
    expect(decisionOn(later, all.gateways[0])).toMatchObject({ verdict: "healthy", token: { evidence: "reload" } });
    expect(all.patches).toHaveLength(patches);
    all.cluster.clock.advance(2 * DAY);
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("is reloaded again after sixty days", async () => {
    const all = scene([DUE]);
    await reload(all);
    all.cluster.clock.advance(61 * DAY);
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual([]);
  });

  it("has one pod after another reloaded, each once", async () => {
    const all = scene([{ ...DUE, replicas: 3 }]);
    const ran = watchCommands(all);
    await reload(all);
    expect(ran.filter((command) => command.startsWith("reload"))).toEqual(
      all.gateways[0]?.pods.map((name) => `reload ${name}`).sort(),
    );
  });

  it("says in an event, in the news and in the report what is done to it", async () => {
    const all = scene([DUE]);
    const news: string[] = [];
    const result = await reload(all, {
      onLook: (look) => void news.push(...newsOf(look).map(({ subject }) => subject)),
    });
    expect(
      all.cluster.events().map(({ reason, cure, message }) => `${reason} ${cure}: ${message.slice(0, 40)}`),
    ).toEqual([
      "TokenGuardReload reload: Reload of the token in every pod: Restar",
      "TokenGuardCured reload: Reload of 2026-06-10T12:00:00Z: renewed.",
    ]);
    expect(news[0]).toBe("apisix-token-guard: reloading the token of apisix/apisix in simulated");
    expect(buildReport(result).gateways[0]?.lastRestart).toMatchObject({ cure: "reload", result: "renewed" });
  });

  it.each<[string, GatewaySpec]>([
    ["whose pods a restart would stop together", { strategy: "Recreate" }],
    ["whose pods nothing but a person replaces", { kind: "DaemonSet", strategy: "OnDelete" }],
    ["half of whose pods a restart would keep", { kind: "StatefulSet", partition: 2 }],
  ])("is cured even one %s", async (_case, spec) => {
    const all = scene([{ ...DUE, ...spec }]);
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual([]);
  });

  it("waits for its turn: one gateway at a time", async () => {
    const all = scene([
      { ...DUE, name: "a" },
      { ...DUE, name: "b" },
    ]);
    const ran = watchCommands(all);
    await reload(all);
    const order = ran.filter((command) => command.startsWith("reload")).map((command) => command.split(/[ -]/)[1]);
    expect(order).toEqual(["a", "a", "a", "b", "b", "b"]);
    const ordered = all.patches.filter(({ body }) =>
      /"reason":"Restart/.test(body.metadata.annotations[LAST_RESTART_ANNOTATION] ?? ""),
    );
    expect(
      ordered.map(({ ref, body }) => [
        ref.name,
        /"result":(\w+|"\w+")/.exec(Object.values(body.metadata.annotations)[0] ?? "")?.[1],
      ]),
    ).toEqual([
      ["a", "null"],
      ["a", '"renewed"'],
      ["b", "null"],
      ["b", '"renewed"'],
    ]);
  });
});

describe("what a reload is no cure for", () => {
  it("a refused token is restarted at once", async () => {
    const all = scene([{ createdAgo: 91 * DAY, refusedFor: 5 * MINUTE }]);
    const ran = watchCommands(all);
    expect(resultsOf(await reload(all))).toEqual({ apisix: "cured" });
    expect(restartsOf(all)).toEqual(["apisix"]);
    expect(ran.some((command) => command.startsWith("reload"))).toBe(false);
  });

  it("a person's refresh is a restart", async () => {
    const all = scene([DUE]);
    const result = await refreshOne(all, all.gateways[0], {
      settings: RELOADS,
      evidence: { logs: true, config: true, probe: true },
    });
    expect(resultsOf(result)).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it.each(["Forbidden", "Timeout", "Refused"] as const)(
    "where the command fails (%s) the rest of the pods is left alone, and a restart follows",
    async (code) => {
      const all = scene([DUE]);
      const second = all.gateways[0]?.pods.toSorted()[1] ?? "";
      all.cluster.fail({ call: "reload", code, name: second });
      const ran = watchCommands(all);
      const result = await reload(all);
      expect(ran.filter((command) => command.startsWith("reload"))).toHaveLength(2);
      expect(result.warnings).toEqual([expect.stringContaining(`ended at pod ${second}: `)]);
      expect(resultsOf(result)).toEqual({ apisix: "renewed" });
      expect(restartsOf(all)).toEqual(["apisix"]);
      expect(all.cluster.events().map(({ reason }) => reason)).toEqual([
        "TokenGuardReload",
        "TokenGuardUnproven",
        "TokenGuardRestart",
        "TokenGuardCured",
      ]);
    },
  );

  it("a run whose time is over stops between two pods, and a restart follows", async () => {
    const all = scene([DUE]);
    const { clock, exec } = all.cluster;
    const { run } = exec;
    exec.run = (request) => {
      if (request.command[2]?.includes("kill")) clock.advance(4 * SECOND);
      return run(request);
    };
    const ran = watchCommands(all);
    const stopped = await reload(all, { stopAt: clock.now() + 6 * SECOND });
    expect(ran.filter((command) => command.startsWith("reload"))).toHaveLength(2);
    expect(stopped.warnings).toEqual([expect.stringContaining("There is no time left in this run.")]);
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("a token that is refused right after it was read ends the reload, and the gateway is restarted", async () => {
    const all = scene([DUE]);
    const [added] = all.gateways;
    const result = await reload(all, {
      onLook: onFirstLook(() => {
        for (const pod of added?.pods ?? []) {
          const now = all.cluster.clock.now();
          all.cluster.setLog(
            { namespace: "apisix", pod, container: "apisix" },
            { fileAge: null, sources: [informerFailures(now)] },
          );
        }
      }),
    });
    expect(all.cluster.events().map(({ reason }) => reason)).toEqual([
      "TokenGuardReload",
      "TokenGuardRefused",
      "TokenGuardRestart",
      "TokenGuardCured",
    ]);
    expect(resultsOf(result)).toEqual({ apisix: "cured" });
  });

  it("a guard that dies between its note and the commands leaves it to the next, which restarts", async () => {
    const all = scene([DUE]);
    const { run } = all.cluster.exec;
    let dead = false;
    all.cluster.exec.run = (request) => {
      if (request.command[2]?.includes("kill")) dead = true;
      if (dead) throw new Error("SIGKILL");
      return run(request);
    };
    await expect(reload(all)).rejects.toThrow("SIGKILL");
    all.cluster.exec.run = run;
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("two guards at the same time reload it once", async () => {
    const all = scene([DUE]);
    const ran = watchCommands(all);
    await Promise.all([reload(all), reload(all)]);
    expect(ran.filter((command) => command.startsWith("reload"))).toHaveLength(3);
    expect(lastNoteOf(all)).toMatchObject({ cure: "reload", result: "renewed" });
  });
});

describe("what must not come of a reload", () => {
  const reloadsOf = (ran: readonly string[]): readonly string[] =>
    ran.filter((command) => command.startsWith("reload"));

  it.each<[string, GatewaySpec]>([
    ["whose log is too loud", { createdAgo: 95 * DAY, refusedFor: 5 * DAY, logFileAge: 20 * SECOND }],
    ["whose deadline has passed", { createdAgo: 91 * DAY }],
  ])("a gateway that may be refused is restarted: one %s", async (_case, spec) => {
    const all = scene([spec]);
    const ran = watchCommands(all);
    await reload(all);
    expect({ restarts: restartsOf(all), reloads: reloadsOf(ran) }).toEqual({ restarts: ["apisix"], reloads: [] });
  });

  it("complaints that it has nothing to do with neither end it badly nor hold others back", async () => {
    const forbidden = [informerFailures(NOW - DAY, { reason: "Forbidden" })];
    const all = scene([
      { ...DUE, name: "a", log: forbidden },
      { ...DUE, name: "b" },
    ]);
    // The simulated process begins its log anew.
    const again = () => {
      for (const name of all.gateways[0]?.pods ?? []) {
        const where = { namespace: "apisix", pod: name, container: "apisix" };
        all.cluster.setLog(where, { fileAge: null, sources: forbidden });
      }
    };
    expect(resultsOf(await reload(all, { onLook: again }))).toEqual({ a: "renewed", b: "renewed" });
  });

  it("one failure a day is not the end of all reloads, where nothing else is allowed", async () => {
    const all = scene([{ ...DUE, strategy: "Recreate" }]);
    all.cluster.fail({ call: "reload", code: "Timeout", times: 1 });
    const first = await reload(all);
    expect(resultsOf(first)).toEqual({ apisix: "unproven" });
    expect(decisionOn(first, all.gateways[0])).toMatchObject({
      action: "restart",
      blockers: [{ reason: "RiskyRestart" }],
    });
    all.cluster.clock.advance(DAY);
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual([]);
  });

  it("a short cooldown makes no endless row of them", async () => {
    const all = scene([DUE]);
    const second = all.gateways[0]?.pods.toSorted()[1] ?? "";
    all.cluster.fail({ call: "reload", code: "Timeout", name: second });
    const ran = watchCommands(all);
    const impatient = settings({ cure: "reload", cooldown: 2 * MINUTE });
    expect(resultsOf(await reload(all, { settings: impatient }))).toEqual({ apisix: "renewed" });
    expect(reloadsOf(ran)).toHaveLength(2);
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("another guard does not restart what is still being reloaded, however long it takes", async () => {
    const all = scene([{ ...DUE, kind: "DaemonSet", replicas: 60 }]);
    const { clock, exec } = all.cluster;
    const { run } = exec;
    const others: Promise<ClusterResult>[] = [];
    let commands = 0;
    exec.run = async (request) => {
      if (!request.command[2]?.includes("kill")) return run(request);
      clock.advance(10 * SECOND);
      commands++;
      if (commands % 20 === 0) others.push(reload(all, { stopAt: clock.now() }));
      await Promise.all(others);
      return run(request);
    };
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect(others).toHaveLength(3);
    expect(commands).toBe(60);
    expect(restartsOf(all)).toEqual([]);
  });

  it.each<[string, (all: Scene) => void, RegExp]>([
    [
      "somebody gave it up meanwhile",
      ({ cluster: { store } }) =>
        store.edit("Deployment", "apisix", "apisix", ({ metadata }) => {
          metadata.annotations = {};
        }),
      /Its note was changed meanwhile\.$/,
    ],
    [
      "its owners opted out meanwhile",
      ({ cluster: { store } }) =>
        store.edit("Deployment", "apisix", "apisix", ({ metadata }) => {
          metadata.annotations = { ...metadata.annotations, [SKIP_ANNOTATION]: "true" };
        }),
      /It has opted out meanwhile\.$/,
    ],
  ])("it does not go on when %s", async (_case, change, why) => {
    const all = scene([DUE]);
    const { exec } = all.cluster;
    const { run } = exec;
    exec.run = async (request) => {
      const answer = await run(request);
      if (request.command[2]?.includes("kill")) change(all);
      return answer;
    };
    const ran = watchCommands(all);
    const { warnings } = await reload(all, { stopAt: all.cluster.clock.now() + SECOND });
    expect(reloadsOf(ran)).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(why)]);
  });

  it("a pod that is gone when its turn comes is passed over", async () => {
    const all = scene([DUE]);
    const second = all.gateways[0]?.pods.toSorted()[1] ?? "";
    all.cluster.fail({ call: "reload", code: "NotFound", name: second });
    const ran = watchCommands(all);
    const { run } = all.cluster.exec;
    all.cluster.exec.run = (request) => {
      if (request.pod === second && request.command[2]?.includes("kill"))
        all.cluster.store.remove("Pod", "apisix", second);
      return run(request);
    };
    const result = await reload(all, { stopAt: all.cluster.clock.now() + 3 * MINUTE });
    expect(reloadsOf(ran)).toHaveLength(3);
    expect(result.warnings).toEqual([]);
    expect(resultsOf(result)).toEqual({ apisix: "renewed" });
  });

  it("a claim that lapses does not make the guard forget that it was no cure", async () => {
    const all = scene([DUE]);
    all.cluster.fail({ call: "reload", code: "Timeout", times: 1 });
    const { restarter } = all.cluster;
    let dies = true;
    const dying: typeof restarter = {
      ...restarter,
      patch: (ref, body) => {
        if (body.spec !== undefined && dies) throw new Error("SIGKILL");
        return restarter.patch(ref, body);
      },
    };
    await expect(reload(all, { restarter: dying })).rejects.toThrow("SIGKILL");
    expect(lastNoteOf(all)).toMatchObject({ reason: "AboutToRestart", reloadFailedAt: NOW });
    dies = false;
    const ran = watchCommands(all);
    all.cluster.clock.advance(2 * MINUTE);
    expect(resultsOf(await reload(all))).toEqual({ apisix: "renewed" });
    expect({ restarts: restartsOf(all), reloads: reloadsOf(ran) }).toEqual({ restarts: ["apisix"], reloads: [] });
    expect(lastNoteOf(all)).toMatchObject({ result: "renewed", reloadFailedAt: NOW });
  });

  it("people are not told of new pods and of a restart that was none", async () => {
    const all = scene([{ ...DUE, strategy: "Recreate" }]);
    all.cluster.fail({ call: "reload", code: "Timeout", times: 1 });
    const news = new Map<string, string>();
    await reload(all, {
      onLook: (look) => {
        for (const { key, text } of newsOf(look)) news.set(key, text);
      },
    });
    const [ordered, ended, ...more] = news.values();
    expect(ordered).toContain("is having its token reloaded");
    expect(ended).toMatch(
      /, reloaded at 2026-06-10T12:00:00Z: unproven\. That pods .* cannot be shown\.\n\nThe gateway is restarted next/,
    );
    expect(more).toEqual([]);
    expect(`${ordered}${ended}`).not.toMatch(/new pods|restarted at/);
  });

  it("the cluster is not asked without a pause while nothing happens", async () => {
    const all = scene([DUE]);
    all.cluster.fail({ call: "reload", code: "Timeout", times: 1 });
    let looks = 0;
    await reload(all, { stopAt: all.cluster.clock.now() + 2 * MINUTE, onLook: () => void looks++ });
    expect(looks).toBeLessThanOrEqual(9);
  });

  it("none is ordered when the time of a run is over", async () => {
    const all = scene([{ ...DUE, name: "a" }]);
    const { clock, exec } = all.cluster;
    const { run } = exec;
    exec.run = (request) => {
      clock.advance(4 * SECOND);
      return run(request);
    };
    const ran = watchCommands(all);
    const result = await reload(all, { stopAt: clock.now() + 20 * SECOND });
    expect(reloadsOf(ran)).toEqual([]);
    expect(resultsOf(result)).toEqual({ a: "deferred" });
    expect(all.cluster.events()).toEqual([]);
  });
});
