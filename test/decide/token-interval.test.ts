import { describe, expect, it } from "vitest";
import { grantedSeconds, lifetimeOf } from "../../src/decide/lifetime.ts";
import { issuedAt, refreshSeconds } from "../../src/decide/token-interval.ts";
import { DAY, isoSeconds, SECOND } from "../../src/model/time.ts";

const START = Date.parse("2026-06-01T00:00:00Z");

describe("refreshSeconds", () => {
  it.each([
    [600, 480],
    [3_600, 2_880],
    [3_607, 2_886],
    [7_200, 5_760],
    [86_400, 69_120],
    [108_000, 86_400],
    [604_800, 86_400],
  ])("a token of %i s is replaced after %i s", (expiration, refresh) => {
    expect(refreshSeconds(expiration)).toBe(refresh);
  });
});

describe("issue and expiry of a token read at 2026-06-01T00:00:00Z by an old pod", () => {
  it.each([
    ["EKS, 90 days", 3_607, true, null, "2026-05-31T23:09:24Z", "2026-08-29T23:09:24Z", "2026-08-30T00:00:00Z"],
    ["upstream, one year", 3_607, false, null, "2026-05-31T23:09:24Z", "2027-05-31T23:09:24Z", "2027-06-01T00:00:00Z"],
    ["EKS, 24 h configured", 3_607, true, DAY, "2026-05-31T23:09:24Z", "2026-06-01T23:09:24Z", "2026-06-02T00:00:00Z"],
    [
      "extension off",
      3_607,
      false,
      3_607 * SECOND,
      "2026-05-31T23:09:24Z",
      "2026-06-01T00:09:31Z",
      "2026-06-01T01:00:07Z",
    ],
    ["explicit default", 3_600, false, null, "2026-05-31T23:09:30Z", "2026-06-01T00:09:30Z", "2026-06-01T01:00:00Z"],
    ["two hours", 7_200, false, null, "2026-05-31T22:21:30Z", "2026-06-01T00:21:30Z", "2026-06-01T02:00:00Z"],
    ["one day", 86_400, false, null, "2026-05-31T04:45:30Z", "2026-06-01T04:45:30Z", "2026-06-02T00:00:00Z"],
    ["two days on EKS", 172_800, true, null, "2026-05-31T04:45:30Z", "2026-06-01T04:45:30Z", "2026-06-02T00:00:00Z"],
    ["a week, no cap", 604_800, false, null, "2026-05-30T23:57:30Z", "2026-06-06T23:57:30Z", "2026-06-08T00:00:00Z"],
  ])("%s", (_case, expirationSeconds, eks, configured, earliest, expiresFrom, expiresTo) => {
    const issued = issuedAt(START, START - 30 * DAY, grantedSeconds(expirationSeconds, eks));
    const { millis } = lifetimeOf({ expirationSeconds, eks, configured, learned: null, claims: null });
    expect(isoSeconds(issued.earliest)).toBe(earliest);
    expect(isoSeconds(issued.latest)).toBe("2026-06-01T00:00:00Z");
    expect(isoSeconds(issued.earliest + millis)).toBe(expiresFrom);
    expect(isoSeconds(issued.latest + millis)).toBe(expiresTo);
  });

  it("is not older than the pod on its first start", () => {
    const issued = issuedAt(START, START - 45 * SECOND, 3_607);
    expect(isoSeconds(issued.earliest)).toBe("2026-05-31T23:59:15Z");
    expect(isoSeconds(issued.earliest + 90 * DAY)).toBe("2026-08-29T23:59:15Z");
  });

  it("falls back on the refresh rule when nothing is known of the pod", () => {
    expect(isoSeconds(issuedAt(START, null, 3_607).earliest)).toBe("2026-05-31T23:09:24Z");
  });

  it("never begins after it ends, whatever the clocks say", () => {
    expect(issuedAt(START, START + 90 * SECOND, 3_607)).toEqual({ earliest: START, latest: START });
  });
});

describe("lifetimeOf", () => {
  const nothing = { expirationSeconds: 3_607, eks: false, configured: null, learned: null, claims: null };
  it.each([
    ["nothing known", nothing, 365 * DAY, "assumed"],
    ["EKS", { ...nothing, eks: true }, 90 * DAY, "eks"],
    ["configured shorter than EKS", { ...nothing, eks: true, configured: DAY }, DAY, "configured"],
    ["configured longer than EKS", { ...nothing, eks: true, configured: 365 * DAY }, 90 * DAY, "eks"],
    [
      "configured equal to EKS names the configuration",
      { ...nothing, eks: true, configured: 90 * DAY },
      90 * DAY,
      "configured",
    ],
    ["configured longer than assumed", { ...nothing, configured: 400 * DAY }, 400 * DAY, "configured"],
    ["learned shorter", { ...nothing, eks: true, learned: DAY }, DAY, "learned"],
    ["learned longer than configured", { ...nothing, configured: DAY, learned: 2 * DAY }, DAY, "configured"],
    ["learned shorter than configured", { ...nothing, configured: 2 * DAY, learned: DAY }, 2 * DAY, "configured"],
    [
      "learned, and configured longer than EKS",
      { ...nothing, eks: true, configured: 99 * DAY, learned: DAY },
      90 * DAY,
      "eks",
    ],
    ["learned equal to EKS", { ...nothing, eks: true, learned: 90 * DAY }, 90 * DAY, "eks"],
    ["learned longer than assumed", { ...nothing, learned: 2 ** 32 * SECOND }, 365 * DAY, "assumed"],
    [
      "learned from the injected token, and of another projection",
      { ...nothing, learned: DAY, expirationSeconds: 604_800 },
      7 * DAY,
      "projection",
    ],
    ["projection", { ...nothing, eks: true, expirationSeconds: 7_200 }, 7_200 * SECOND, "projection"],
    ["projection capped by EKS", { ...nothing, eks: true, expirationSeconds: 172_800 }, DAY, "projection"],
    ["projection not capped elsewhere", { ...nothing, expirationSeconds: 172_800 }, 2 * DAY, "projection"],
  ] as const)("%s", (_case, evidence, millis, from) => {
    expect(lifetimeOf(evidence)).toEqual({ millis, from });
  });
});
