import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_PROBE_BYTES, PROBE_MARK, parseProbe } from "../../src/evidence/token-probe.ts";
import { DAY, HOUR, SECOND } from "../../src/model/time.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");
const IAT = (NOW - 2 * HOUR) / SECOND;
const YEAR = (365 * DAY) / SECOND;
const CLAIMS = { iat: IAT, exp: IAT + YEAR, sub: "system:serviceaccount:edge:apisix" };

const payload = (claims: unknown): string => Buffer.from(JSON.stringify(claims)).toString("base64url");

/** An answer of the probe: the shell is 0.05 s old, the agent an hour. */
const LINES: Readonly<Record<string, string | readonly string[]>> = {
  payload: payload(CLAIMS),
  changed: String(IAT + 3),
  self: "9999995",
  uptime: "100000.00",
  now: String(NOW / SECOND),
  agent: String(10_000_000 - 360_000),
};

const answer = (over: Readonly<Record<string, string | readonly string[] | null>> = {}): string =>
  [
    PROBE_MARK,
    ...Object.entries({ ...LINES, ...over }).flatMap(([kind, values]) =>
      (values === null ? [] : [values].flat()).map((value) => `${kind} ${value}`),
    ),
    "end",
    "",
  ].join("\n");

const unusable = (why: RegExp) => ({ unusable: expect.stringMatching(why) });

describe("the answer of the probe", () => {
  it("gives the moment at which the token was read, and what the file holds now", () => {
    expect(parseProbe(answer())).toEqual({
      readAt: NOW - HOUR,
      agent: 9_640_000,
      fileChangedAt: (IAT + 3) * SECOND,
      claims: { issuedAt: IAT * SECOND, lifetime: 365 * DAY, subject: "system:serviceaccount:edge:apisix" },
    });
  });

  it("of several agents counts the newest, in whatever order they come", () => {
    const starts = ["9640000", "9999990", "12"];
    expect(parseProbe(answer({ agent: starts }))).toMatchObject({ readAt: NOW - 100 });
    expect(parseProbe(answer({ agent: starts.toReversed() }))).toMatchObject({ readAt: NOW - 100 });
  });

  it("does without the time of the file", () => {
    expect(parseProbe(answer({ changed: null }))).toMatchObject({ fileChangedAt: null });
  });

  it.each([
    ["no expiry", { iat: IAT }, { lifetime: null, subject: null }],
    ["an expiry that is text", { iat: IAT, exp: String(IAT + 60) }, { lifetime: null }],
    ["an expiry before its issue", { iat: IAT, exp: IAT - 1 }, { lifetime: null }],
    ["an expiry at its issue", { iat: IAT, exp: IAT }, { lifetime: null }],
    ["an expiry no calendar has", { iat: IAT, exp: 1e300 }, { lifetime: null }],
    ["a fraction of a second", { iat: IAT + 0.5, exp: IAT + 60.5 }, { lifetime: 60 * SECOND }],
    ["a subject that is no text", { iat: IAT, sub: { a: 1 } }, { subject: null }],
    ["an endless subject", { iat: IAT, sub: "x".repeat(400) }, { subject: null }],
  ])("takes a token with %s", (_case, claims, known) => {
    expect(parseProbe(answer({ payload: payload(claims) }))).toMatchObject({ claims: known });
  });

  it.each([
    ["no issue time", { exp: IAT }],
    ["an issue time that is text", { iat: String(IAT) }],
    ["an issue time of null", { iat: null }],
    ["an issue time before time", { iat: -1 }],
    ["an issue time no calendar has", { iat: 1e300 }],
    ["a list for claims", [IAT]],
    ["a number for claims", 7],
  ])("is of no use when the token has %s", (_case, claims) => {
    expect(parseProbe(answer({ payload: payload(claims) }))).toEqual(unusable(/does not say when/));
  });

  it.each([
    ["nothing", ""],
    ["something else", "OCI runtime exec failed: exec failed"],
    ["an answer that is cut off", answer().slice(0, -5)],
    ["an answer that goes on", `${answer()}more\n`],
    ["an answer of another version", answer().replace("probe 1", "probe 2")],
    ["an answer with a greeting before it", `Welcome!\n${answer()}`],
    ["a line of no meaning", answer({ motd: "hello" })],
    ["a line named as what every object has", answer({ constructor: "1" })],
    ["two payloads", answer({ payload: [payload(CLAIMS), payload(CLAIMS)] })],
    ["two clocks", answer({ uptime: ["1.00", "100000.00"] })],
    ["a whole token for a payload", answer({ payload: `e30.${payload(CLAIMS)}.c2ln` })],
    ["a time in words", answer({ now: "noon" })],
    ["a negative start", answer({ agent: "-1" })],
    ["an endless number", answer({ agent: "1".repeat(400) })],
    ["carriage returns", answer().replaceAll("\n", "\r\n")],
  ])("is none when the container prints %s", (_case, output) => {
    expect(parseProbe(output)).toEqual(unusable(/not the answer of the probe/));
  });

  it.each(Object.entries(LINES))("is none when something stands before or behind the value of %s", (kind, value) => {
    for (const odd of [`+${value}`, `${value}+`]) {
      expect(parseProbe(answer({ [kind]: odd }))).toEqual(unusable(/not the answer of the probe/));
    }
    expect(parseProbe(answer().replace(`\n${kind} `, `\n ${kind} `))).toEqual(unusable(/not the answer of the probe/));
  });

  it.each([
    ["a tick older than the machine", { self: "10000001" }, true],
    ["two ticks older", { self: "10000002" }, false],
    ["15 s old", { self: "9998500" }, true],
    ["a tick more", { self: "9998499" }, false],
  ])("rests on a shell that is %s: %s", (_case, over, usable) => {
    expect("readAt" in parseProbe(answer(over))).toBe(usable);
  });

  it.each([
    ["a tick younger than the machine", { agent: "10000001" }, true],
    ["two ticks younger", { agent: "10000002" }, false],
  ])("rests on an agent that is %s: %s", (_case, over, usable) => {
    expect("readAt" in parseProbe(answer(over))).toBe(usable);
  });

  it.each([
    ["no token", { payload: null }, /cannot be read|holds no JWT/],
    ["a payload that is not JSON", { payload: "AAAA" }, /does not say when/],
    ["no agent", { agent: null }, /No privileged agent/],
    ["no clock", { now: null }, /clocks/],
    ["no uptime", { uptime: null }, /clocks/],
    ["no start of its own", { self: null }, /clocks/],
    ["an uptime that is the container's, not the machine's", { uptime: "3600.00" }, /clocks/],
    ["a shell that is old", { self: "9998000" }, /clocks/],
    ["an agent of the future", { agent: "10000100" }, /clocks/],
  ])("is of no use with %s", (_case, over, why) => {
    expect(parseProbe(answer(over))).toEqual(unusable(why));
  });

  it("tells the age of the agent whatever the machine's clock started at", () => {
    const age = fc.integer({ min: 0, max: 400 * 86_400 * 100 });
    const up = fc.integer({ min: 400 * 86_400 * 100, max: 10_000 * 86_400 * 100 });
    fc.assert(
      fc.property(age, up, (ticks, uptime) => {
        const probe = parseProbe(
          answer({ self: String(uptime), uptime: (uptime / 100).toFixed(2), agent: String(uptime - ticks) }),
        );
        expect(probe).toMatchObject({ readAt: NOW - ticks * 10 });
      }),
    );
  });

  it("never throws and never repeats a word of it, whatever is printed", () => {
    const line = fc.oneof(
      fc.constantFrom(...answer().split("\n")),
      fc.string(),
      fc
        .tuple(fc.constantFrom("payload", "now", "agent", "uptime", "self", "changed"), fc.string())
        .map(([a, b]) => `${a} ${b}`),
      fc
        .tuple(fc.constantFrom("now", "agent", "self"), fc.bigInt({ min: 0n, max: 10n ** 15n }))
        .map(([a, b]) => `${a} ${b}`),
      fc.json().map((json) => `payload ${Buffer.from(json).toString("base64url")}`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), (lines, framed) => {
        const output = (framed ? [PROBE_MARK, ...lines, "end", ""] : lines).join("\n");
        const probe = parseProbe(output);
        if ("unusable" in probe) expect(UNUSABLE).toContain(probe.unusable);
        else
          expect([probe.readAt, probe.claims.issuedAt, probe.claims.lifetime ?? 0].every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("is read in no time at its largest", () => {
    const agents = Array.from({ length: MAX_PROBE_BYTES / 10 }, () => "100");
    const start = performance.now();
    expect(parseProbe(answer({ agent: agents }))).toHaveProperty("readAt");
    parseProbe(`${PROBE_MARK}\npayload ${"A".repeat(MAX_PROBE_BYTES)}\nend\n`);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

/** Every sentence there is: nothing that a container printed can be in one. */
const UNUSABLE = [
  "What the container printed is not the answer of the probe.",
  "The token file cannot be read in the container, or holds no JWT.",
  "The token in the file does not say when it was issued.",
  "The clocks of the container contradict each other, so the age of its processes is not known.",
  "No privileged agent of nginx runs in the container.",
];
