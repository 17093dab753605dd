import { describe, expect, it } from "vitest";
import { awaitsResult, CLAIM_REASON, isClaim, lastRestartAt, mayBeInFlight } from "../../src/decide/in-flight.ts";
import type { LastRestart } from "../../src/model/last-restart.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import type { RolloutFigures } from "../../src/model/workload.ts";
import { gateway, NOW } from "../support/gateways.ts";

const none: LastRestart = { state: "none" };
const unreadable: LastRestart = { state: "unreadable", why: "It is not a JSON object." };
const known = (ago: number, over: { reason?: string; result?: "cured" } = {}): LastRestart => ({
  state: "known",
  at: NOW - ago,
  reason: "TokenRefused",
  result: null,
  lifetime: null,
  ...over,
});
const claim = (ago: number) => known(ago, { reason: CLAIM_REASON });

const workload = (lastRestart: LastRestart, restartedAgo: number | null, figures: Partial<RolloutFigures> = {}) =>
  gateway({
    workload: { lastRestart },
    template: { restartedAt: restartedAgo === null ? null : isoSeconds(NOW - restartedAgo) },
    figures,
  }).workload;

const ROLLING = { updated: 0 };

describe("the guard's note", () => {
  it.each<[string, LastRestart, { claims: boolean; awaits: boolean }]>([
    ["of none", none, { claims: false, awaits: false }],
    ["that cannot be read", unreadable, { claims: false, awaits: false }],
    ["of a restart just now", known(SECOND), { claims: false, awaits: true }],
    ["of a restart almost a day ago", known(DAY - SECOND), { claims: false, awaits: true }],
    ["of a restart a day ago", known(DAY), { claims: false, awaits: false }],
    ["of a restart with its result", known(SECOND, { result: "cured" }), { claims: false, awaits: false }],
    ["of a restart about to be ordered", claim(SECOND), { claims: true, awaits: true }],
    ["of one that never was", claim(DAY), { claims: true, awaits: false }],
  ])("%s", (_case, last, { claims, awaits }) => {
    expect(isClaim(last)).toBe(claims);
    expect(awaitsResult(last, NOW)).toBe(awaits);
  });
});

describe("a gateway that the guard may be restarting now", () => {
  it.each<[string, ReturnType<typeof workload>, boolean]>([
    ["never restarted", workload(none, null, ROLLING), false],
    ["restarted by somebody else", workload(none, MINUTE, ROLLING), false],
    ["restarted by the guard", workload(known(MINUTE), MINUTE, ROLLING), true],
    ["restarted by the guard, and at rest without a result", workload(known(MINUTE), MINUTE), true],
    ["with a result", workload(known(MINUTE, { result: "cured" }), MINUTE, ROLLING), false],
    ["about to be restarted", workload(claim(SECOND), null), true],
    ["with a garbled note, rolling", workload(unreadable, MINUTE, ROLLING), true],
    ["with a garbled note, rolling almost for a day", workload(unreadable, DAY - SECOND, ROLLING), true],
    ["with a garbled note, rolling for a day", workload(unreadable, DAY, ROLLING), false],
    ["with a garbled note, at rest", workload(unreadable, MINUTE), false],
    ["with a garbled note, never restarted", workload(unreadable, null, ROLLING), false],
  ])("%s: %s", (_case, one, inFlight) => {
    expect(mayBeInFlight(one, NOW)).toBe(inFlight);
  });
});

describe("when the guard last restarted a gateway", () => {
  it.each<[string, LastRestart, number | null, number | null]>([
    ["as its note says", known(HOUR), MINUTE, HOUR],
    ["never, whoever else restarted it", none, MINUTE, null],
    ["as its template says, with a garbled note", unreadable, MINUTE, MINUTE],
    ["as its template says, with a claim in place of the note before", claim(SECOND), HOUR, HOUR],
    ["not known, with a claim and no other restart", claim(SECOND), null, null],
  ])("%s", (_case, last, restartedAgo, ago) => {
    expect(lastRestartAt(workload(last, restartedAgo))).toBe(ago === null ? null : NOW - ago);
  });
});
