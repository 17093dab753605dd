import { describe, expect, it } from "vitest";
import { LAST_RESTART_ANNOTATION } from "../src/model/annotations.ts";
import type { ClusterResult } from "../src/model/decision.ts";
import { DAY, MINUTE, SECOND } from "../src/model/time.ts";
import { buildReport } from "../src/report/build.ts";
import { exitCode } from "../src/report/exit-code.ts";
import { newsOf } from "../src/report/news.ts";
import { informerFailures } from "../src/simulate/apisix-log-lines.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { settings } from "./support/gateways.ts";
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
