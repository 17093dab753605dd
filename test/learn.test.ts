import { describe, expect, it } from "vitest";
import { parseLastRestart } from "../src/evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION } from "../src/model/annotations.ts";
import type { ClusterResult } from "../src/model/decision.ts";
import { DAY, HOUR, isoSeconds, MINUTE, type Millis, SECOND } from "../src/model/time.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { settings } from "./support/gateways.ts";
import { noteOf } from "./support/heal/notes.ts";
import { heal, onFirstLook, refreshOne, restartsOf, resultsOf, type Scene, scene } from "./support/heal/scene.ts";

/** Ends a day of a token's life; what is told of one gateway holds for every look of every hour. */
const YOUNG: GatewaySpec = { createdAgo: 20 * HOUR };

/** Runs the guard once in every `period`, and tells which gateways were seen refused, look by look. */
async function sweepFor(all: Scene, length: Millis, period: Millis = HOUR, options = {}): Promise<string[]> {
  const { clock } = all.cluster;
  const seen: string[] = [];
  const end = clock.now() + length;
  for (let next = clock.now(); next < end; next += period) {
    clock.advance(Math.max(0, next - clock.now()));
    const onLook = onFirstLook(({ plan }: ClusterResult) => {
      for (const { gateway, verdict } of plan?.decisions ?? []) if (verdict === "rejected") seen.push(gateway.name);
    });
    await heal(all, { ...options, onLook });
  }
  return seen;
}

/** What stands on a workload. */
function noteOn({ cluster }: Scene, name = "apisix") {
  const { annotations } = cluster.store.get("Deployment", "apisix", name)?.metadata ?? {};
  return parseLastRestart(annotations?.[LAST_RESTART_ANNOTATION], cluster.clock.now());
}

function suspectedOn(all: Scene): Millis | null {
  const note = noteOn(all);
  return note.state === "known" ? (note.suspected?.lifetime ?? null) : null;
}

const lifetimeOn = (all: Scene, name?: string): Millis | null => {
  const note = noteOn(all, name);
  return note.state === "known" ? note.lifetime : null;
};

describe("a cluster whose tokens live a day, and that is taken for one of ninety", () => {
  it.each<[string, Millis, Millis]>([
    ["a token as old as its container", DAY, 5 * MINUTE],
    ["a token that lay on the disk for a while", DAY - 2_886 * SECOND, 59 * MINUTE],
    ["a watch that outlives its token", DAY + 2_799 * SECOND, 0],
  ])("has its gateway refused twice, and then never: %s", async (_what, tokenLifetime, phase) => {
    const all = scene([YOUNG], { tokenLifetime });
    all.cluster.clock.advance(phase);
    expect(await sweepFor(all, 7 * DAY)).toEqual(["apisix", "apisix"]);
    expect(lifetimeOn(all)).toBeGreaterThanOrEqual(20 * HOUR);
    expect(lifetimeOn(all)).toBeLessThanOrEqual(DAY);
    // At two thirds of a life: nine times in the six days after the first refusal, and not in every hour.
    expect(restartsOf(all).length).toBeGreaterThanOrEqual(8);
    expect(restartsOf(all).length).toBeLessThanOrEqual(12);
  });

  it("has each gateway refused twice at most, and learns from one for all of them", async () => {
    const all = scene(
      [
        { ...YOUNG, name: "a" },
        { createdAgo: 8 * HOUR, name: "b" },
        { createdAgo: 2 * HOUR, name: "c" },
      ],
      { tokenLifetime: DAY },
    );
    expect(await sweepFor(all, 3 * DAY)).toEqual(["a", "b", "c", "a"]);
    expect(restartsOf(all).slice(4)).toEqual(expect.arrayContaining(["a", "b", "c"]));
    expect([lifetimeOn(all, "b"), lifetimeOn(all, "c")]).toEqual([null, null]);
  });

  it("keeps what was learned through claims, later restarts and their results", async () => {
    const all = scene([YOUNG], { tokenLifetime: DAY });
    await sweepFor(all, 3 * DAY);
    const notes = all.patches.flatMap(({ body }) => noteOf(body) ?? []);
    const first = notes.findIndex(({ result }) => result === "cured");
    const { at, suspected } = notes[first] ?? {};
    const rest = { reason: "TokenRefused", result: null, lifetime: null };
    expect(notes[first - 1]).toMatchObject({ ...rest, at, lifetimeIfCured: suspected?.lifetime });
    expect(notes[first]).toMatchObject({ lifetime: null, suspected: { at } });
    const cured = notes.findLastIndex(({ result }) => result === "cured");
    expect(cured).toBe(first + 3);
    expect(notes.slice(first + 1, cured).map((note) => note.suspected)).toEqual([suspected, suspected]);
    const learned = Math.min(suspected?.lifetime ?? 0, notes[cured - 1]?.lifetimeIfCured ?? 0);
    expect(learned).toBeGreaterThan(0);
    expect(notes[cured]).toMatchObject({ lifetime: learned });
    const later = notes.slice(cured + 1);
    expect(later.length).toBeGreaterThanOrEqual(3);
    expect(later.map(({ lifetime, lifetimeIfCured, ...note }) => [lifetime, lifetimeIfCured, note.suspected])).toEqual(
      later.map(() => [learned, undefined, undefined]),
    );
  });

  it("does without a window where none can hold a restart back for so long", async () => {
    const windows = [{ days: ["sat" as const], from: "01:00", to: "05:00", timeZone: "UTC" }];
    const all = scene([YOUNG], { tokenLifetime: DAY });
    expect(await sweepFor(all, 5 * DAY, HOUR, { settings: settings({ windows }) })).toEqual(["apisix", "apisix"]);
  });

  it.each([0, 17, 101, 200])("is looked at in time where a guard looks every six hours, %d min on", async (minutes) => {
    const all = scene([YOUNG], { tokenLifetime: DAY });
    all.cluster.clock.advance(minutes * MINUTE);
    expect(await sweepFor(all, 8 * DAY, 6 * HOUR)).toEqual(["apisix", "apisix"]);
  });

  it("still learns where somebody refreshes a gateway meanwhile", async () => {
    const all = scene([YOUNG], { tokenLifetime: DAY });
    expect(await sweepFor(all, 14 * HOUR)).toEqual(["apisix"]);
    await refreshOne(all, all.gateways[0]);
    expect(await sweepFor(all, 5 * DAY)).toEqual(["apisix"]);
  });
});

describe("a refusal that has nothing to do with age", () => {
  it("makes one restart and no more", async () => {
    const all = scene([{ createdAgo: 13 * HOUR, refusedFor: 5 * MINUTE }], { tokenLifetime: 90 * DAY });
    expect(await sweepFor(all, 14 * DAY)).toEqual(["apisix"]);
    expect(restartsOf(all)).toEqual(["apisix"]);
    expect([lifetimeOn(all), suspectedOn(all)]).toEqual([null, 12 * HOUR]);
  });

  it("is not confirmed by those that it refused at the same time", async () => {
    const event = { createdAgo: 13 * HOUR, refusedFor: 5 * MINUTE };
    const all = scene(
      ["a", "b", "c"].map((name) => ({ ...event, name })),
      { tokenLifetime: 90 * DAY },
    );
    await sweepFor(all, 4 * DAY);
    expect(restartsOf(all).toSorted()).toEqual(["a", "b", "c"]);
  });

  it("shows nothing where the ServiceAccount was created again", async () => {
    const all = scene([{ createdAgo: 30 * HOUR, refusedFor: HOUR }]);
    all.cluster.store.edit("ServiceAccount", "apisix", "apisix", ({ metadata }) => {
      Object.assign(metadata ?? {}, { creationTimestamp: isoSeconds(all.cluster.clock.now() - HOUR) });
    });
    expect(resultsOf(await heal(all))).toEqual({ apisix: "cured" });
    expect([lifetimeOn(all), suspectedOn(all)]).toEqual([null, null]);
  });
});

describe("nothing is learned", () => {
  it.each<[string, GatewaySpec]>([
    ["refused", { afterRestart: { refused: true } }],
    ["failed", { afterRestart: { readyAfter: null } }],
  ])("from a restart that ends %s", async (result, spec) => {
    const all = scene([{ createdAgo: 30 * HOUR, refusedFor: HOUR, ...spec }]);
    expect(resultsOf(await heal(all))).toEqual({ apisix: result });
    expect(noteOn(all)).toMatchObject({ result, lifetime: null });
    expect(noteOn(all)).not.toHaveProperty("lifetimeIfCured");
    expect(noteOn(all)).not.toHaveProperty("suspected");
  });

  it("from a cure that could not be proven", async () => {
    const all = scene([{ createdAgo: 30 * HOUR, refusedFor: HOUR }]);
    const onLook = onFirstLook(() => all.cluster.fail({ call: "log", code: "Forbidden" }));
    expect(resultsOf(await heal(all, { onLook }))).toEqual({ apisix: "unproven" });
    expect(noteOn(all)).toMatchObject({ result: "unproven", lifetime: null });
  });

  it("from the refresh of a gateway that is not refused", async () => {
    const all = scene([{ createdAgo: 30 * HOUR }]);
    expect(resultsOf(await refreshOne(all, all.gateways[0]))).toEqual({ apisix: "renewed" });
    expect(noteOn(all)).toMatchObject({ result: "renewed", lifetime: null });
  });

  it("from 90 days on EKS, which explain the refusal", async () => {
    const all = scene([{ createdAgo: 91 * DAY, refusedFor: DAY }]);
    expect(resultsOf(await heal(all))).toEqual({ apisix: "cured" });
    expect(noteOn(all)).toMatchObject({ result: "cured", lifetime: null });
    expect(suspectedOn(all)).toBeNull();
  });
});
