import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_BAD, planFleet } from "../../src/decide/fleet-plan.ts";
import type { ClusterSummary, FleetPlan } from "../../src/model/fleet.ts";
import { HOUR, MINUTE } from "../../src/model/time.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");

/** More than there are clusters. */
const MANY = 100;
const ROUTINE = { urgency: "routine" as const, since: NOW - MINUTE };
const URGENT = { urgency: "urgent" as const, since: NOW - MINUTE };

const cluster = (name: string, over: Partial<ClusterSummary> = {}): ClusterSummary => ({
  cluster: name,
  at: NOW,
  error: null,
  gateways: 1,
  verdicts: {},
  attention: 0,
  urgentBlocked: 0,
  minLifeLeftPercent: null,
  wants: null,
  inFlight: null,
  ended: { good: 0, bad: 0 },
  ...over,
});

const startsOf = ({ starts }: FleetPlan) =>
  starts.map(({ cluster, hold }) => (hold === null ? cluster : `${cluster} (${hold.restarts} held)`));

describe("the plan for a fleet", () => {
  it.each<[string, readonly ClusterSummary[], starts: string[], waiting: string[]]>([
    ["starts nothing where nothing is to be done", [cluster("a"), cluster("b")], [], []],
    ["starts the only cluster with something to do", [cluster("a", { wants: "routine" }), cluster("b")], ["a"], []],
    [
      "lets one go first, and the others wait for it",
      [cluster("a", { inFlight: ROUTINE }), cluster("b", { wants: "routine" }), cluster("c", { wants: "routine" })],
      ["a"],
      ["b", "c"],
    ],
    [
      "does not let an urgent restart wait for a routine one, and lets no routine one begin beside it",
      [cluster("a", { inFlight: ROUTINE }), cluster("b", { wants: "urgent" }), cluster("c", { wants: "routine" })],
      ["a", "b (routine held)"],
      ["c"],
    ],
    [
      "lets an urgent restart wait for an urgent one",
      [cluster("a", { inFlight: URGENT }), cluster("b", { wants: "urgent" })],
      ["a"],
      ["b"],
    ],
    [
      "lets no urgent restart wait for one that takes longer than an hour",
      [cluster("a", { inFlight: { urgency: "urgent", since: NOW - HOUR } }), cluster("b", { wants: "urgent" })],
      ["a", "b (routine held)"],
      [],
    ],
    [
      "lets an urgent one go before a routine one",
      [cluster("a", { wants: "routine" }), cluster("b", { wants: "urgent" })],
      ["b"],
      ["a"],
    ],
    [
      "starts all once a restart has done good",
      [
        cluster("a", { ended: { good: 1, bad: 0 } }),
        cluster("b", { wants: "routine" }),
        cluster("c", { wants: "urgent" }),
      ],
      ["b", "c"],
      [],
    ],
    [
      "starts all where one has done good and fewer than three did not",
      [
        cluster("a", { ended: { good: 1, bad: 2 } }),
        cluster("b", { wants: "routine" }),
        cluster("c", { wants: "routine" }),
      ],
      ["b", "c"],
      [],
    ],
    [
      "goes on one by one while no restart has done good",
      [cluster("a", { ended: { good: 0, bad: 1 } }), cluster("b", { wants: "urgent" })],
      ["b"],
      [],
    ],
    [
      "begins nothing after three that did no good, urgent or not, and follows what is under way",
      [
        cluster("a", { ended: { good: 5, bad: 2 } }),
        cluster("b", { ended: { good: 0, bad: 1 }, inFlight: ROUTINE }),
        cluster("c", { wants: "urgent" }),
        cluster("d", { wants: "routine" }),
      ],
      ["b (all held)"],
      ["c", "d"],
    ],
    [
      "follows a restart of a cluster that wants another one",
      [cluster("a", { inFlight: ROUTINE, wants: "urgent" }), cluster("b", { wants: "routine" })],
      ["a"],
      ["b"],
    ],
  ])("%s", (_what, clusters, starts, waiting) => {
    const plan = planFleet(clusters, NOW, MANY);
    expect(startsOf(plan).toSorted()).toEqual(starts.toSorted());
    expect(plan.waiting.map((one) => one.cluster)).toEqual(waiting);
  });

  it("names the cluster that goes first", () => {
    const { waiting } = planFleet([cluster("a", { inFlight: ROUTINE }), cluster("b", { wants: "routine" })], NOW, MANY);
    expect(waiting).toEqual([
      { cluster: "b", wants: "routine", why: expect.stringContaining("cluster a is finished first") },
    ]);
  });

  it.each(["urgent", "routine"] as const)("starts %s ones in the order of their turn", (wants) => {
    const proven = cluster("p", { ended: { good: 1, bad: 0 } });
    const clusters = ["a", "b", "c", "d"].map((name) => cluster(name, { wants }));
    for (let minute = 0; minute < 10; minute++) {
      const order = startsOf(planFleet([proven, ...clusters], NOW + minute * MINUTE, 9)).join("");
      expect(order).toHaveLength(4);
      expect("abcdabcd").toContain(order);
    }
  });

  it("names how many are healed at once to those that are not", () => {
    const proven = cluster("a", { ended: { good: 1, bad: 0 } });
    const { waiting } = planFleet(
      [proven, cluster("b", { wants: "routine" }), cluster("c", { wants: "urgent" })],
      NOW,
      1,
    );
    const why = "1 clusters are healed at the same time; this one's turn comes with one of the next sweeps.";
    expect(waiting).toEqual([{ cluster: "b", wants: "routine", why }]);
  });

  it("starts no more clusters than are healed at the same time, urgent ones first, each in its turn", () => {
    const proven = cluster("a", { ended: { good: 1, bad: 0 } });
    const busy = cluster("b", { inFlight: ROUTINE });
    const routine = Array.from({ length: 4 }, (_, index) => cluster(`r${index}`, { wants: "routine" }));
    const urgent = cluster("u", { wants: "urgent" });
    const seen = new Set<string>();
    for (let sweep = 0; sweep < 60; sweep++) {
      const plan = planFleet([proven, busy, ...routine, urgent], NOW + sweep * 15 * MINUTE, 3);
      expect(startsOf(plan).slice(0, 2)).toEqual(["b", "u"]);
      expect(plan.starts).toHaveLength(3);
      expect(plan.waiting).toHaveLength(3);
      for (const { cluster } of plan.starts) seen.add(cluster);
    }
    expect(seen.size).toBe(6);
  });

  it("names how many restarts ended badly, and what still acts", () => {
    const { starts, waiting } = planFleet(
      [cluster("a", { inFlight: ROUTINE, ended: { good: 9, bad: MAX_BAD } }), cluster("b", { wants: "urgent" })],
      NOW,
      9,
    );
    const why = "3 restarts of the last day were refused or failed: look at those first. A refresh by name still acts.";
    expect(starts).toEqual([{ cluster: "a", hold: { restarts: "all", why } }]);
    expect(waiting).toEqual([{ cluster: "b", wants: "urgent", why }]);
  });

  it.each([5, 15, 60])("gives every cluster its turn when sweeps come every %i minutes", (minutes) => {
    const clusters = Array.from({ length: 6 }, (_, index) => cluster(`${index}`, { wants: "urgent" }));
    const seen = new Set<string | undefined>();
    for (let sweep = 0; sweep < 60; sweep++) {
      seen.add(planFleet(clusters, NOW + sweep * minutes * MINUTE, MANY).starts[0]?.cluster);
    }
    expect(seen.size).toBe(6);
  });
});

const urgency = fc.constantFrom("urgent" as const, "routine" as const, null);
const anyFleet = fc
  .array(
    fc.record({ wants: urgency, inFlight: fc.constantFrom(URGENT, ROUTINE, null), good: fc.nat(1), bad: fc.nat(2) }),
    { maxLength: 12 },
  )
  .map((all) => all.map(({ good, bad, ...rest }, index) => cluster(`${index}`, { ...rest, ended: { good, bad } })));

describe("the plan for any fleet", () => {
  it("follows all that is under way, starts no cluster twice, and lets none with something to do go unmentioned", () => {
    fc.assert(
      fc.property(anyFleet, fc.nat(), (fleet, minutes) => {
        const { starts, waiting } = planFleet(fleet, NOW + minutes * MINUTE, MANY);
        const told = [...starts, ...waiting].map((one) => one.cluster);
        const busy = fleet.filter(({ wants, inFlight }) => wants !== null || inFlight !== null);
        expect(told.toSorted()).toEqual(busy.map((one) => one.cluster).toSorted());
        const started = new Set(starts.map((one) => one.cluster));
        expect(fleet.every(({ cluster, inFlight }) => inFlight === null || started.has(cluster))).toBe(true);
      }),
    );
  });

  it("begins at most one restart that nothing vouches for, and none after too many bad ones", () => {
    fc.assert(
      fc.property(anyFleet, fc.nat(), (fleet, minutes) => {
        const begun = planFleet(fleet, NOW + minutes * MINUTE, MANY).starts.filter(
          ({ cluster }) => fleet.find((one) => one.cluster === cluster)?.inFlight === null,
        );
        const good = fleet.some(({ ended }) => ended.good > 0);
        const bad = fleet.reduce((sum, { ended }) => sum + ended.bad, 0);
        if (bad >= MAX_BAD) expect(begun).toEqual([]);
        else if (!good) expect(begun.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
