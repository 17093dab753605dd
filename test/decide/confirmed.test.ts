import { describe, expect, it } from "vitest";
import { afterCure } from "../../src/decide/confirmed.ts";
import type { LastRestart } from "../../src/model/last-restart.ts";
import { DAY, HOUR, type Millis, SECOND } from "../../src/model/time.ts";
import { cluster, gateway, NOW } from "../support/gateways.ts";

type Known = Extract<LastRestart, { state: "known" }>;

const cured = (lifetimeIfCured: Millis | null, over: Partial<Known> = {}): Known => ({
  state: "known",
  at: NOW,
  reason: "TokenRefused",
  result: null,
  lifetime: null,
  lifetimeIfCured,
  ...over,
});

/** That a gateway suspected such a lifetime so long ago. */
const suspected = (lifetime: Millis, ago: Millis) => ({ suspected: { at: NOW - ago, lifetime } });

const after = (note: Known, ...others: LastRestart[]) =>
  afterCure(
    note,
    cluster([note, ...others].map((lastRestart, index) => gateway({ workload: { name: `${index}`, lastRestart } }))),
  );

const suspects = (lifetime: Millis) => ({ lifetime: null, suspected: { at: NOW, lifetime } });

describe("a cure", () => {
  it.each<[string, Known, LastRestart[], ReturnType<typeof afterCure>]>([
    ["the first", cured(DAY), [], suspects(DAY)],
    [
      "of a refusal that teaches nothing",
      cured(null, { lifetime: 2 * DAY, ...suspected(DAY, DAY) }),
      [],
      {
        lifetime: 2 * DAY,
        ...suspected(DAY, DAY),
      },
    ],
    ["the second of this gateway", cured(DAY, suspected(DAY, DAY)), [], { lifetime: DAY }],
    ["after one of another gateway", cured(DAY), [cured(null, suspected(DAY, DAY))], { lifetime: DAY }],
    [
      "of two that agree the shortest",
      cured(20 * HOUR),
      [cured(null, suspected(22 * HOUR, DAY))],
      { lifetime: 20 * HOUR },
    ],
    [
      "of several the shortest",
      cured(22 * HOUR),
      [cured(null, suspected(21 * HOUR, DAY)), cured(null, suspected(20 * HOUR, DAY))],
      { lifetime: 20 * HOUR },
    ],
    ["a quarter younger", cured(18 * HOUR), [cured(null, suspected(DAY, DAY))], { lifetime: 18 * HOUR }],
    ["younger by more", cured(18 * HOUR - SECOND), [cured(null, suspected(DAY, DAY))], suspects(18 * HOUR - SECOND)],
    ["a quarter older", cured(DAY), [cured(null, suspected(18 * HOUR, DAY))], { lifetime: 18 * HOUR }],
    [
      "older by more",
      cured(DAY + 4 * SECOND),
      [cured(null, suspected(18 * HOUR, 2 * DAY))],
      suspects(DAY + 4 * SECOND),
    ],
    ["of a token from before the first", cured(DAY), [cured(null, suspected(DAY, DAY - SECOND))], suspects(DAY)],
    ["three lifetimes later", cured(DAY), [cured(null, suspected(DAY, 3 * DAY))], { lifetime: DAY }],
    ["later still", cured(DAY), [cured(null, suspected(DAY, 3 * DAY + SECOND))], suspects(DAY)],
    ["before one in the future", cured(DAY), [cured(null, suspected(DAY, -DAY))], suspects(DAY)],
    [
      "beside notes that say nothing",
      cured(DAY),
      [{ state: "none" }, { state: "unreadable", why: "?" }],
      suspects(DAY),
    ],
    [
      "where another lifetime was learned",
      cured(DAY, { lifetime: 80 * DAY }),
      [],
      { ...suspects(DAY), lifetime: 80 * DAY },
    ],
  ])("%s", (_case, note, others, expected) => {
    expect(after(note, ...others)).toEqual(expected);
  });
});
