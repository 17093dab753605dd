import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planCluster } from "../../src/decide/plan.ts";
import type { AuditedToken } from "../../src/model/audit.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { TokenClaims, TokenProbe } from "../../src/model/probe.ts";
import { type Read, read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import { cluster, gateway, NOW, type PodOver, pod, projected, SETTINGS, settings } from "../support/gateways.ts";

/** Both containers started ten days ago, two days after their pods. */
const STARTED = NOW - 10 * DAY;
const R = 2_886 * SECOND;
const LAG = 150 * SECOND;

interface ProbeOver extends Partial<Omit<TokenProbe, "claims">> {
  readonly claims?: Partial<TokenClaims>;
}

/** Nginx was reloaded five hours ago, ten minutes after the file was renewed; nothing since. */
const probe = ({ claims, ...over }: ProbeOver = {}): TokenProbe => ({
  readAt: NOW - 5 * HOUR,
  agent: 4_711,
  fileChangedAt: NOW - 5 * HOUR - 10 * MINUTE,
  ...over,
  claims: {
    issuedAt: NOW - 5 * HOUR - 10 * MINUTE,
    lifetime: 365 * DAY,
    subject: "system:serviceaccount:apisix:default",
    ...claims,
  },
});

interface Around {
  readonly pods?: PodOver;
  readonly tokens?: readonly AuditedToken[];
  readonly gitVersion?: string;
  readonly configured?: number;
}

function decide(answer: TokenProbe | Read<TokenProbe> | null, around: Around = {}): Decision {
  const { pods = {}, tokens, gitVersion = "v1.33.5", configured = null } = around;
  const asked = answer !== null && "readAt" in answer ? read(answer) : answer;
  const one = pod({ age: 10 * DAY, createdAt: NOW - 12 * DAY, startTime: NOW - 12 * DAY, ...pods, probe: asked });
  const audit =
    tokens === undefined
      ? null
      : read({ tokens: new Map([[one.uid, tokens]]), refused: [], oldestAt: 0, newestAt: NOW, bytes: 1, gaps: [] });
  const plan = planCluster(
    cluster([gateway({ pods: [one] })], { audit, gitVersion }),
    settings({}, { tokenLifetime: configured }),
  );
  const [decision] = plan.decisions;
  if (decision === undefined) throw new Error("a gateway got lost");
  return decision;
}

const exactly = (moment: number) => ({ earliest: moment, latest: moment });
const fromStart = (start: number) => ({ earliest: start - R - LAG, latest: start });

describe("a probe that is believed", () => {
  const inFile = NOW - 5 * HOUR - 10 * MINUTE;
  it.each<[string, ProbeOver, object]>([
    ["the file is older than the agent: the token is the file's", {}, exactly(inFile)],
    ["the file was written in the second of the start", { fileChangedAt: NOW - 5 * HOUR }, fromStart(NOW - 5 * HOUR)],
    ["two seconds before it", { fileChangedAt: NOW - 5 * HOUR - 2 * SECOND }, exactly(inFile)],
    ["the file was written since", { fileChangedAt: NOW - HOUR }, fromStart(NOW - 5 * HOUR)],
    [
      "the token was issued since",
      { fileChangedAt: NOW - HOUR, claims: { issuedAt: NOW - HOUR } },
      fromStart(NOW - 5 * HOUR),
    ],
    ["the file's time is not known, and it had followed by then", { fileChangedAt: null }, exactly(inFile)],
    [
      "the file's time is not known, and it may not have followed",
      { fileChangedAt: null, claims: { issuedAt: NOW - 5 * HOUR - 149 * SECOND } },
      fromStart(NOW - 5 * HOUR),
    ],
    [
      "a file that seems older than the token in it, issued after the start",
      { claims: { issuedAt: NOW - 5 * HOUR + SECOND } },
      fromStart(NOW - 5 * HOUR),
    ],
    [
      "no reload: the agent is a second younger than its container",
      { readAt: STARTED + SECOND, fileChangedAt: NOW - HOUR, claims: { issuedAt: NOW - HOUR } },
      fromStart(STARTED + SECOND),
    ],
  ])("%s", (_case, over, issuedAt) => {
    const decision = decide(probe(over));
    expect(decision.token).toMatchObject({ evidence: "probe", issuedAt });
    expect(decision.warnings).toEqual([]);
  });

  it("is not older than its pod", () => {
    const young = { readAt: NOW - 50 * MINUTE, fileChangedAt: NOW - MINUTE, claims: { issuedAt: NOW - MINUTE } };
    const { token } = decide(probe(young), { pods: { age: HOUR, createdAt: NOW - HOUR, startTime: NOW - HOUR } });
    expect(token?.issuedAt).toEqual({ earliest: NOW - HOUR, latest: NOW - 50 * MINUTE });
  });

  it("moves the deadline of a gateway that was reloaded", () => {
    const old = { age: 70 * DAY, createdAt: NOW - 71 * DAY, startTime: NOW - 71 * DAY };
    const eks = { pods: old, gitVersion: "v1.33.5-eks-1a2b3c" };
    expect(decide(null, eks).verdict).toBe("due");
    expect(decide(probe(), eks)).toMatchObject({ verdict: "healthy", deadline: inFile + 90 * DAY });
  });

  it.each<[string, Partial<TokenClaims>, Around, object]>([
    ["the claims, where nothing else is known", {}, {}, { from: "claims", millis: 365 * DAY }],
    ["90 days on EKS, whatever the claims", {}, { gitVersion: "v1.33.5-eks-1a" }, { from: "eks", millis: 90 * DAY }],
    [
      "the claims on EKS where they are shorter",
      { lifetime: DAY },
      { gitVersion: "v1.33.5-eks-1a" },
      { from: "claims", millis: DAY },
    ],
    [
      "what is configured, where that is shorter",
      {},
      { configured: 30 * DAY },
      { from: "configured", millis: 30 * DAY },
    ],
    [
      "the claims of a projection",
      { lifetime: DAY },
      { pods: { token: projected(86_400) } },
      { from: "claims", millis: DAY },
    ],
    [
      "the year that is assumed, where the token does not say",
      { lifetime: null },
      {},
      { from: "assumed", millis: 365 * DAY },
    ],
  ])("the lifetime is %s", (_case, claims, around, lifetime) => {
    expect(decide(probe({ claims }), around).token?.lifetime).toEqual(lifetime);
  });

  it("the shorter life that it shows can be too short for any restarts", () => {
    expect(decide(probe({ claims: { lifetime: HOUR } }))).toMatchObject({
      verdict: "unfixable",
      reason: "LifetimeTooShort",
    });
  });
});

describe("the probe beside the audit log", () => {
  const renewed = { fileChangedAt: NOW - HOUR, claims: { issuedAt: NOW - HOUR } };
  const issued = NOW - 5 * HOUR - 20 * MINUTE;

  it("an exact one needs no log", () => {
    const { token } = decide(probe(), { tokens: [{ issuedAt: issued, usedAt: NOW - MINUTE }] });
    expect(token).toMatchObject({ evidence: "probe", issuedAt: exactly(NOW - 5 * HOUR - 10 * MINUTE) });
  });

  it("one that is not exact is made so by what was used since the reload", () => {
    const before = { issuedAt: STARTED - HOUR, usedAt: NOW - 5 * HOUR - MINUTE };
    const { token, warnings } = decide(probe(renewed), {
      tokens: [before, { issuedAt: issued, usedAt: NOW - MINUTE }],
    });
    expect(token).toMatchObject({
      evidence: "audit",
      issuedAt: { earliest: issued - 11 * SECOND, latest: issued + SECOND },
    });
    expect(warnings).toEqual([]);
  });

  it("what was used before the reload is no longer in memory, however lately it was", () => {
    const reloaded = { readAt: NOW - 30 * MINUTE, fileChangedAt: NOW - MINUTE, claims: { issuedAt: NOW - MINUTE } };
    const before = { issuedAt: STARTED - HOUR, usedAt: NOW - 31 * MINUTE };
    const { token } = decide(probe(reloaded), {
      tokens: [before, { issuedAt: NOW - 40 * MINUTE, usedAt: NOW - MINUTE }],
    });
    expect(token).toMatchObject({ evidence: "audit", issuedAt: { latest: NOW - 40 * MINUTE + SECOND } });
  });

  it("where the log is silent the agent's start is what counts", () => {
    expect(decide(probe(renewed), { tokens: [] }).token).toMatchObject({
      evidence: "probe",
      issuedAt: fromStart(NOW - 5 * HOUR),
    });
  });
});

describe("a probe that tells nothing", () => {
  const without = decide(null);
  const FAILURE = unread({ code: "Forbidden", what: "run a command", message: "This identity may not run commands." });

  it.each<[string, TokenProbe | Read<TokenProbe>, RegExp]>([
    ["it failed", FAILURE, /This identity may not run commands\.$/],
    [
      "the token is another's",
      probe({ claims: { subject: "system:serviceaccount:apisix:other" } }),
      /another ServiceAccount's/,
    ],
    [
      "the token is older than the pod",
      probe({ claims: { issuedAt: NOW - 12 * DAY - 61 * SECOND } }),
      /before the pod/,
    ],
    ["the token is of the future", probe({ claims: { issuedAt: NOW + 151 * SECOND } }), /in the future/],
    ["the agent is of the future", probe({ readAt: NOW + 151 * SECOND }), /in the future/],
    ["the agent is older than its container", probe({ readAt: STARTED - 61 * SECOND }), /older than its container/],
  ])("changes nothing and is told: %s", (_case, answer, why) => {
    const decision = decide(answer);
    expect(decision.warnings).toEqual([expect.stringMatching(why)]);
    expect({ ...decision, warnings: [] }).toEqual(without);
  });

  it("is told once for all pods of which it is true", () => {
    const pods = ["a", "b", "c"].map((name) => pod({ name, probe: FAILURE }));
    const [decision] = planCluster(cluster([gateway({ pods })]), SETTINGS).decisions;
    expect(decision?.warnings).toEqual([
      "The probe of pod a and 2 more tells nothing, so it is judged as without: This identity may not run commands.",
    ]);
  });

  it("names one pod alone", () => {
    expect(decide(FAILURE).warnings).toEqual([
      "The probe of pod apisix-5d9c7-a tells nothing, so it is judged as without: This identity may not run commands.",
    ]);
  });

  it("is not one where clocks differ by a minute", () => {
    expect(decide(probe({ readAt: STARTED - 59 * SECOND })).warnings).toEqual([]);
    expect(decide(probe({ claims: { issuedAt: NOW - 12 * DAY - 59 * SECOND } })).warnings).toEqual([]);
  });
});

it("whatever a container says, there is a decision, and its own word alone never makes a token live longer", () => {
  const moment = fc.integer({ min: NOW - 400 * DAY, max: NOW + 400 * DAY });
  const anyProbe = fc.record({
    readAt: moment,
    agent: fc.nat(),
    fileChangedAt: fc.option(moment),
    claims: fc.record({
      issuedAt: moment,
      lifetime: fc.option(fc.integer({ min: SECOND, max: 10_000 * DAY })),
      subject: fc.option(fc.constantFrom("system:serviceaccount:apisix:default", "system:serviceaccount:x:y")),
    }),
  });
  const without = decide(null);
  fc.assert(
    fc.property(anyProbe, (told) => {
      const { token } = decide(told);
      expect(token?.lifetime?.millis).toBeLessThanOrEqual(without.token?.lifetime?.millis ?? 0);
      expect(token?.issuedAt?.earliest).toBeLessThanOrEqual(token?.issuedAt?.latest ?? 0);
      expect(token?.issuedAt?.latest).toBeLessThanOrEqual(NOW + LAG);
    }),
  );
});
