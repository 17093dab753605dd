import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatLastRestart, parseLastRestart } from "../../src/evidence/last-restart.ts";
import { OUTCOME_RESULTS } from "../../src/model/last-restart.ts";
import { HOUR, type Instant, type Millis, SECOND } from "../../src/model/time.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");
const AT = "2026-06-10T11:00:00Z";
const CANARY = "eyJhbGciOiJSUzI1NiJ9";

const parse = (value: unknown) => parseLastRestart(JSON.stringify(value), NOW);
const note = (over: Record<string, unknown> = {}) => ({
  at: AT,
  reason: "TokenRefused",
  result: null,
  lifetimeSeconds: null,
  ...over,
});

describe("the note of the last restart", () => {
  it("is none without an annotation", () => {
    expect(parseLastRestart(undefined, NOW)).toEqual({ state: "none" });
  });

  it.each([
    ["a restart without a result", {}, { result: null, lifetime: null }],
    ["a result", { result: "cured" }, { result: "cured", lifetime: null }],
    [
      "a learned lifetime",
      { result: "cured", lifetimeSeconds: 7_776_000 },
      { result: "cured", lifetime: 7_776_000_000 },
    ],
    ["the shortest lifetime", { lifetimeSeconds: 43_200 }, { result: null, lifetime: 12 * HOUR }],
    ["the longest lifetime", { lifetimeSeconds: 2 ** 32 }, { result: null, lifetime: 2 ** 32 * SECOND }],
    [
      "what would be learned",
      { lifetimeIfCuredSeconds: 82_800 },
      { result: null, lifetime: null, lifetimeIfCured: 23 * HOUR },
    ],
    [
      "a suspicion",
      { suspected: { at: AT, lifetimeSeconds: 43_200, by: "somebody" } },
      { result: null, lifetime: null, suspected: { at: Date.parse(AT), lifetime: 12 * HOUR } },
    ],
    ["a reload", { cure: "reload", result: "renewed" }, { cure: "reload", result: "renewed", lifetime: null }],
    [
      "when a reload was no cure",
      { reloadFailedAt: "2026-06-10T10:00:00Z" },
      { result: null, lifetime: null, reloadFailedAt: Date.parse("2026-06-10T10:00:00Z") },
    ],
    [
      "that this reload was no cure",
      { cure: "reload", result: "unproven", reloadFailedAt: AT },
      { cure: "reload", result: "unproven", lifetime: null, reloadFailedAt: Date.parse(AT) },
    ],
    ["that no reload was none", { reloadFailedAt: null }, { result: null, lifetime: null }],
    ["that it was a restart", { cure: "restart" }, { result: null, lifetime: null }],
    ["no suspicion", { suspected: null }, { result: null, lifetime: null }],
    ["no result and no lifetime", { result: undefined, lifetimeSeconds: undefined }, { result: null, lifetime: null }],
    ["a key of a newer guard", { by: "somebody" }, { result: null, lifetime: null }],
  ])("can hold %s", (_, over, expected) => {
    expect(parse(note(over))).toEqual({ state: "known", at: Date.parse(AT), reason: "TokenRefused", ...expected });
  });

  it("may lie 150 s ahead, and no further", () => {
    expect(parse(note({ at: "2026-06-10T12:02:30Z" }))).toMatchObject({ state: "known" });
    expect(parse(note({ at: "2026-06-10T12:02:31Z" }))).toMatchObject({
      state: "unreadable",
      why: expect.stringMatching(/future/),
    });
  });

  it("may have a reason of 64 letters and 1024 characters in all, and no more", () => {
    expect(parse(note({ reason: "R".repeat(64) }))).toMatchObject({ state: "known" });
    expect(parse(note({ reason: "R".repeat(65) }))).toMatchObject({
      state: "unreadable",
      why: expect.stringMatching(/`reason`/),
    });
    const text = JSON.stringify(note());
    expect(parseLastRestart(text.padEnd(1024), NOW)).toMatchObject({ state: "known" });
    expect(parseLastRestart(text.padEnd(1025), NOW)).toMatchObject({
      state: "unreadable",
      why: expect.stringMatching(/1024/),
    });
  });

  const AS_JSON = /JSON object/;
  it.each<[string, string, RegExp]>([
    ["empty", "", AS_JSON],
    ["words", CANARY, AS_JSON],
    ["half of it", JSON.stringify(note({ reason: CANARY })).slice(0, 40), AS_JSON],
    ["an array", JSON.stringify([note({ reason: CANARY })]), AS_JSON],
    ["null", "null", AS_JSON],
    ["a number", "1", AS_JSON],
    ["a string", JSON.stringify(CANARY), AS_JSON],
    ["huge", JSON.stringify(note({ reason: CANARY.repeat(100_000) })), /1024/],
    ["no time", JSON.stringify(note({ at: undefined })), /`at`/],
    ["a number as time", JSON.stringify(note({ at: NOW })), /`at`/],
    ["a time with milliseconds", JSON.stringify(note({ at: "2026-06-10T11:00:00.000Z" })), /`at`/],
    ["a time in another zone", JSON.stringify(note({ at: "2026-06-10T11:00:00+02:00" })), /`at`/],
    ["a day that does not exist", JSON.stringify(note({ at: "2026-02-30T11:00:00Z" })), /`at`/],
    ["a month that does not exist", JSON.stringify(note({ at: "2026-13-01T11:00:00Z" })), /`at`/],
    ["words as time", JSON.stringify(note({ at: CANARY })), /`at`/],
    ["no reason", JSON.stringify(note({ reason: undefined })), /`reason`/],
    ["an empty reason", JSON.stringify(note({ reason: "" })), /`reason`/],
    ["a number as reason", JSON.stringify(note({ reason: 7 })), /`reason`/],
    ["an escape in the reason", JSON.stringify(note({ reason: `\u001b[31m${CANARY}` })), /`reason`/],
    ["a token as reason", JSON.stringify(note({ reason: CANARY })), /`reason`/],
    ["a newline behind the reason", JSON.stringify(note({ reason: "TokenRefused\n" })), /`reason`/],
    ["an unknown result", JSON.stringify(note({ result: CANARY })), /`result`/],
    ["an inherited name as result", JSON.stringify(note({ result: "toString" })), /`result`/],
    ["a failed reload after it", JSON.stringify(note({ reloadFailedAt: "2026-06-10T11:00:01Z" })), /`reloadFailedAt`/],
    ["words as the time of a failed reload", JSON.stringify(note({ reloadFailedAt: CANARY })), /`reloadFailedAt`/],
    ["an unknown cure", JSON.stringify(note({ cure: CANARY })), /`cure`/],
    ["an inherited name as cure", JSON.stringify(note({ cure: "toString" })), /`cure`/],
    ["null as cure", JSON.stringify(note({ cure: null })), /`cure`/],
    ["a list as result", JSON.stringify(note({ result: ["cured"] })), /`result`/],
    ["text as lifetime", JSON.stringify(note({ lifetimeSeconds: "7776000" })), /`lifetimeSeconds` is not a number/],
    ["half a second too much in a lifetime", JSON.stringify(note({ lifetimeSeconds: 86_400.5 })), /`lifetimeSeconds`/],
    ["no lifetime at all", JSON.stringify(note({ lifetimeSeconds: 0 })), /`lifetimeSeconds`/],
    [
      "a lifetime that no restarts can keep up with",
      JSON.stringify(note({ lifetimeSeconds: 43_199 })),
      /`lifetimeSeconds`/,
    ],
    [
      "such a lifetime if it cures",
      JSON.stringify(note({ lifetimeIfCuredSeconds: 43_199 })),
      /`lifetimeIfCuredSeconds`/,
    ],
    [
      "text as lifetime if it cures",
      JSON.stringify(note({ lifetimeIfCuredSeconds: CANARY })),
      /`lifetimeIfCuredSeconds`/,
    ],
    ...[CANARY, [CANARY], {}, { at: AT }, { lifetimeSeconds: 43_200 }, { at: CANARY, lifetimeSeconds: 43_200 }].map(
      (suspected): [string, string, RegExp] => [
        `${JSON.stringify(suspected)} as a suspicion`,
        JSON.stringify(note({ suspected })),
        /`suspected`/,
      ],
    ),
    [
      "a suspicion that no restarts can keep up with",
      JSON.stringify(note({ suspected: { at: AT, lifetimeSeconds: 43_199 } })),
      /`suspected`/,
    ],
    ["a negative lifetime", JSON.stringify(note({ lifetimeSeconds: -1 })), /`lifetimeSeconds`/],
    ["half a second as lifetime", JSON.stringify(note({ lifetimeSeconds: 1.5 })), /`lifetimeSeconds`/],
    [
      "a lifetime longer than Kubernetes allows",
      JSON.stringify(note({ lifetimeSeconds: 2 ** 32 + 1 })),
      /`lifetimeSeconds`/,
    ],
    ["an infinite lifetime", `{"at":"${AT}","reason":"TokenRefused","lifetimeSeconds":1e999}`, /`lifetimeSeconds`/],
  ])("is unreadable, without being quoted, when it is or has %s", (_, text, why) => {
    const result = parseLastRestart(text, NOW);
    expect(result).toEqual({ state: "unreadable", why: expect.stringMatching(why) });
    expect(JSON.stringify(result)).not.toContain(CANARY.slice(0, 8));
  });

  it("never throws, whatever somebody wrote", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(["known", "unreadable"]).toContain(parseLastRestart(text, NOW).state);
      }),
    );
  });
});

describe("writing the note", () => {
  it("gives the JSON that the runbook shows", () => {
    const text = formatLastRestart({
      at: Date.parse(AT) + 999,
      reason: "TokenRefused",
      result: "cured",
      lifetime: 7_776_000_999,
    });
    expect(text).toBe(`{"at":"${AT}","reason":"TokenRefused","result":"cured","lifetimeSeconds":7776000}`);
  });

  it("says that it was a reload, and of a restart nothing", () => {
    const restart = { at: Date.parse(AT), reason: "NearDeadline", result: null, lifetime: null };
    expect(formatLastRestart({ ...restart, cure: "reload" })).toBe(
      `{"at":"${AT}","reason":"NearDeadline","cure":"reload","result":null,"lifetimeSeconds":null}`,
    );
    expect(formatLastRestart({ ...restart, cure: "restart" })).toBe(formatLastRestart(restart));
  });

  it("says when a reload was no cure only where one was", () => {
    const restart = { at: Date.parse(AT), reason: "TokenRefused", result: null, lifetime: null };
    const text = formatLastRestart({ ...restart, reloadFailedAt: Date.parse(AT) });
    expect(JSON.parse(text)).toEqual({ ...note(), reloadFailedAt: AT });
    expect(JSON.parse(formatLastRestart({ ...restart, reloadFailedAt: null }))).toEqual(note());
  });

  it("says what would be learned only where something would", () => {
    const restart = { at: Date.parse(AT), reason: "TokenRefused", result: null, lifetime: null };
    const text = formatLastRestart({ ...restart, lifetimeIfCured: 23 * HOUR });
    expect(JSON.parse(text)).toEqual({ ...note(), lifetimeIfCuredSeconds: 82_800 });
    expect(JSON.parse(formatLastRestart({ ...restart, lifetimeIfCured: null }))).toEqual(note());
  });

  it("is undone by reading it, to the second", () => {
    const restart = fc.record({
      at: fc.integer({ min: 0, max: NOW }),
      reason: fc.stringMatching(/^[A-Za-z]{1,64}$/),
      result: fc.constantFrom(null, ...OUTCOME_RESULTS),
      lifetime: fc.option(fc.integer({ min: 12 * HOUR, max: 2 ** 32 * SECOND })),
      since: fc.integer({ min: 0, max: NOW }),
    });
    fc.assert(
      fc.property(restart, ({ at, reason, result, lifetime, since }) => {
        const suspected = lifetime === null ? null : { at: since, lifetime };
        const text = formatLastRestart({ at, reason, result, lifetime, suspected, lifetimeIfCured: lifetime });
        expect(text.length).toBeLessThanOrEqual(1024);
        expect(parseLastRestart(text, NOW)).toEqual({
          state: "known",
          at: at - (at % SECOND),
          reason,
          result,
          lifetime: null,
          ...(lifetime === null ? {} : inSeconds(lifetime, since)),
        });
      }),
    );
  });
});

function inSeconds(millis: Millis, since: Instant) {
  const lifetime = millis - (millis % SECOND);
  return { lifetime, lifetimeIfCured: lifetime, suspected: { at: since - (since % SECOND), lifetime } };
}
