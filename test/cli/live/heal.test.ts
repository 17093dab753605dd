import { describe, expect, it } from "vitest";
import { healEach } from "../../../src/cli/live/heal.ts";
import { startLive } from "../../../src/cli/live.ts";
import type { Target } from "../../../src/fleet.ts";
import { LAST_RESTART_ANNOTATION } from "../../../src/model/annotations.ts";
import { GuardError } from "../../../src/model/errors.ts";
import type { EvidenceSwitches } from "../../../src/model/observation.ts";
import { DAY, HOUR } from "../../../src/model/time.ts";
import type { Restarter } from "../../../src/ports.ts";
import { type SimulatedCluster, simulateCluster } from "../../../src/simulate/cluster.ts";
import { settings } from "../../support/gateways.ts";
import { targetOf, visitOptions } from "../../support/simulated-target.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");

interface Healing {
  readonly several?: boolean;
  readonly evidence?: EvidenceSwitches;
  /** Called with every line that is written, and what Ctrl-C would say then. */
  readonly onLine?: (line: string, interrupted: () => string) => void;
}

async function heal(
  cluster: SimulatedCluster,
  targets: readonly Target[],
  { several = false, evidence, onLine }: Healing = {},
) {
  const lines: string[] = [];
  const live = startLive(
    {
      write: (text) => {
        lines.push(text.trimEnd());
        onLine?.(text, live.interrupted);
      },
      rewrites: false,
      width: 80,
    },
    several,
  );
  const results = await healEach(targets, {
    ...visitOptions(cluster),
    ...(evidence && { evidence }),
    story: live.story,
  });
  live.stop();
  return { lines, results, live };
}

describe("a person who waits for a cure", () => {
  it("hears what is restarted, how the pods change, and what came of it", async () => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 91 * DAY, refusedFor: HOUR });
    const { lines } = await heal(cluster, [targetOf(cluster)]);
    expect(lines).toEqual([
      "edge/checkout: restarting it (TokenRefused)",
      "edge/checkout: rolling since 12:00:00 UTC",
      expect.stringMatching(/^edge\/checkout: rolling since 12:00:00 UTC: 1 of 3 pods new, 3 old, 3 ready$/),
      ...Array.from({ length: 5 }, () => expect.stringMatching(/: [123] of 3 pods new, [0-3] old, [34] ready$/)),
      expect.stringMatching(/^edge\/checkout: every pod is new; its logs tell at 12:0\d:\d\d UTC$/),
      "edge/checkout: cured. The logs of all 3 new pods hold no refusal.",
    ]);
  });

  describe("where tokens are reloaded", () => {
    const reloads = { settings: settings({ cure: "reload" }) };
    const evidence = { logs: true, config: true, probe: true };

    it("hears of that, and of no pods that change", async () => {
      const cluster = simulateCluster({ now: NOW });
      cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 61 * DAY });
      const { lines, live } = await heal(cluster, [targetOf(cluster, reloads)], { evidence });
      expect(lines).toEqual([
        "edge/checkout: reloading it (RestartIntervalReached)",
        "edge/checkout: reloading since 12:00:00 UTC",
        "edge/checkout: every pod has read its token again; its logs tell at 12:01:40 UTC",
        "edge/checkout: renewed. Every pod has read its token again since 2026-06-10T12:00:00Z, and their logs hold no refusal.",
      ]);
      expect(live.interrupted()).toBe("interrupted; nothing is under way");
    });

    it.each([
      ["reloading it", "edge/checkout was just being reloaded: whether the API server took it, the next run sees."],
      [
        "reloading since",
        "edge/checkout is being reloaded since 2026-06-10T12:00:00Z; what is left of it does not go on by itself",
      ],
      [
        "every pod",
        "edge/checkout was reloaded at 2026-06-10T12:00:00Z and every pod has read its token again; the next run proves it.",
      ],
    ])("and what Ctrl-C leaves, after %j", async (after, words) => {
      const cluster = simulateCluster({ now: NOW });
      cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 61 * DAY });
      const said: string[] = [];
      await heal(cluster, [targetOf(cluster, reloads)], {
        evidence,
        onLine: (line, interrupted) => {
          if (line.includes(after)) said.push(interrupted());
        },
      });
      expect(said[0]).toContain(words);
    });
  });

  it("hears of a restart that an earlier run began", async () => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 91 * DAY, refusedFor: HOUR });
    const killed = heal(cluster, [targetOf(cluster)], {
      onLine: (line) => {
        if (line.includes("1 of 3")) throw new GuardError("Internal", "killed");
      },
    });
    expect((await killed).results).toMatchObject([{ error: { message: "killed" } }]);
    const { lines } = await heal(cluster, [targetOf(cluster)]);
    expect(lines[0]).toBe("edge/checkout: was restarted before this run, at 2026-06-10T12:00:00Z");
    expect(lines.at(-1)).toMatch(/^edge\/checkout: cured\./);
  });

  it("is told which cluster, where there are several", async () => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 61 * DAY });
    const closed: Target = { ...targetOf(cluster, { name: "stage" }), connect: () => Promise.reject(new Error("x")) };
    const { lines, results } = await heal(cluster, [closed, targetOf(cluster)], { several: true });
    expect(lines[0]).toBe("prod: edge/checkout: restarting it (RestartIntervalReached)");
    expect(lines.at(-1)).toMatch(/^prod: edge\/checkout: renewed\./);
    expect(results).toMatchObject([
      { cluster: "stage", plan: null, error: { code: "Internal" } },
      { cluster: "prod", error: null, outcomes: [{ outcome: { result: "renewed" } }] },
    ]);
  });

  it.each([
    ["is deleted", true, "edge/checkout: it is not there any more, so nothing tells what came of its restart"],
    [
      "is put back without its note",
      false,
      "edge/checkout: it bears no note any more of its restart at 2026-06-10T12:00:00Z, so nothing tells what came of it",
    ],
  ])("hears when a gateway %s in the middle of its rollout", async (_what, gone, said) => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 61 * DAY });
    cluster.addGateway({ namespace: "edge", name: "landing" });
    cluster.clock.after(2_000, () => {
      if (gone) return cluster.store.remove("Deployment", "edge", "checkout");
      cluster.store.edit("Deployment", "edge", "checkout", ({ metadata }) => {
        metadata.annotations = {};
      });
    });
    const { lines, live } = await heal(cluster, [targetOf(cluster)]);
    expect(lines.filter((line) => line === said)).toHaveLength(1);
    expect(live.interrupted()).toBe("interrupted; nothing is under way");
  });

  it("hears nothing where nothing is due", async () => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway();
    const { lines, live } = await heal(cluster, [targetOf(cluster)]);
    expect(lines).toEqual([]);
    expect(live.interrupted()).toBe("interrupted, no gateway was restarted");
  });
});

describe("Ctrl-C", () => {
  const wordsAt = async (moment: string) => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 91 * DAY, refusedFor: HOUR });
    let words = "";
    const { live } = await heal(cluster, [targetOf(cluster)], {
      onLine: (line, interrupted) => {
        if (line.includes(moment)) words = interrupted();
      },
    });
    return { words, live };
  };

  it.each([
    [
      "before the API server has answered",
      "restarting it",
      "interrupted. edge/checkout was just being restarted: whether the API server took it, the next run sees.",
    ],
    [
      "during a rollout",
      "1 of 3 pods",
      "interrupted. edge/checkout is rolling since 2026-06-10T12:00:00Z; the rollout goes on by itself, the next run proves it.",
    ],
    [
      "while the proof is awaited",
      "its logs tell",
      "interrupted. edge/checkout was restarted at 2026-06-10T12:00:00Z and every pod is new; the next run proves it.",
    ],
  ])("%s says what is under way", async (_when, moment, expected) => {
    expect((await wordsAt(moment)).words).toBe(expected);
  });

  it("after the end says that nothing is", async () => {
    const { live } = await wordsAt("x");
    expect(live.interrupted()).toBe("interrupted; nothing is under way");
  });
});

describe("what is under way", () => {
  it("stays so when the cluster is lost", async () => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 91 * DAY, refusedFor: HOUR });
    const { results, live } = await heal(cluster, [targetOf(cluster)], {
      onLine: (line) => {
        if (line.includes("1 of 3")) cluster.fail({ call: "server", code: "Unreachable" });
      },
    });
    expect(results).toMatchObject([{ error: { code: "ClusterUnreachable" } }]);
    expect(live.story.underWay()).toEqual([
      expect.stringContaining("edge/checkout is rolling since 2026-06-10T12:00:00Z"),
    ]);
  });

  it("is over with the workload", async () => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 91 * DAY, refusedFor: HOUR });
    cluster.addGateway({ namespace: "edge", name: "landing" });
    const { live } = await heal(cluster, [targetOf(cluster)], {
      onLine: (line) => {
        if (line.includes("1 of 3")) cluster.store.remove("Deployment", "edge", "checkout");
      },
    });
    expect(live.story.underWay()).toEqual([]);
  });

  it.each([
    ["is nothing after a refusal", "Forbidden", []],
    ["may be something after a lost answer", "Timeout", [expect.stringContaining("was just being restarted")]],
  ] as const)("%s", async (_what, code, expected) => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 91 * DAY, refusedFor: HOUR });
    const { patch } = cluster.restarter;
    const failure = { code, what: "patch Deployment edge/checkout", message: "The answer was lost." };
    const restarter: Restarter = {
      ...cluster.restarter,
      patch: async (ref, body) => (body.spec === undefined ? patch(ref, body) : { ok: false, failure }),
    };
    const { live } = await heal(cluster, [targetOf({ ...cluster, restarter })]);
    expect(live.story.underWay()).toEqual(expected);
    expect(live.story.hasRestarted()).toBe(false);
  });

  it("does not include what another run only means to do", async () => {
    const cluster = simulateCluster({ now: NOW });
    const claim = '{"at":"2026-06-10T11:59:50Z","reason":"AboutToRestart","result":null}';
    cluster.addGateway({ namespace: "edge", name: "checkout", annotations: { [LAST_RESTART_ANNOTATION]: claim } });
    const { lines, results, live } = await heal(cluster, [targetOf(cluster)]);
    expect(lines).toEqual([expect.stringMatching(/^edge\/checkout: deferred\./)]);
    expect(results).toMatchObject([{ outcomes: [{ outcome: { result: "deferred" } }] }]);
    expect(live.story.hasRestarted()).toBe(false);
  });

  it("needs no watch to be known", async () => {
    const cluster = simulateCluster({ now: NOW });
    cluster.addGateway({ namespace: "edge", name: "checkout", createdAgo: 61 * DAY });
    cluster.fail({ call: "follow", code: "Forbidden" });
    const { lines } = await heal(cluster, [targetOf(cluster)]);
    expect(lines).toEqual([
      "edge/checkout: restarting it (RestartIntervalReached)",
      "edge/checkout: rolling since 12:00:00 UTC",
      expect.stringMatching(/^edge\/checkout: renewed\./),
    ]);
  });
});
