import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditedIssue } from "../../src/decide/audited-issue.ts";
import type { AuditedToken } from "../../src/model/audit.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";

const START = Date.parse("2026-06-01T00:00:00Z");
const NOW = START + 61 * DAY;
const BY_START = { earliest: START - 3_036 * SECOND, latest: START };
const POD = { createdAt: START - 10 * DAY, startedAt: START, observedAt: NOW };

/** Issued so long before the container's start, used so long before now. */
const token = (issuedBefore: number, usedAgo = 10 * MINUTE): AuditedToken => ({
  issuedAt: START - issuedBefore,
  usedAt: NOW - usedAgo,
});
const of = (...tokens: readonly AuditedToken[]) => auditedIssue(BY_START, tokens, POD);
const exactly = (issuedAt: number) => ({ earliest: issuedAt - 11 * SECOND, latest: issuedAt + SECOND });
const byStart = (doubt: string | null) => ({ issued: BY_START, evidence: "container-start", doubt });

describe("the issue of a token by the audit log", () => {
  it("is exact where a request of the running container shows it", () => {
    expect(of(token(20 * MINUTE))).toEqual({
      issued: exactly(START - 20 * MINUTE),
      evidence: "audit",
      doubt: null,
    });
  });

  it.each([
    ["nothing was seen", []],
    ["it belonged to the container before", [{ issuedAt: START - 9 * DAY, usedAt: START - SECOND }]],
    ["it was last used when the container started", [{ issuedAt: START - 9 * DAY, usedAt: START }]],
  ])("follows from the container's start where %s", (_case, tokens) => {
    expect(of(...tokens)).toEqual(byStart(null));
  });

  it("is that of the running container, whatever the one before it used", () => {
    expect(of({ issuedAt: START - 9 * DAY, usedAt: START }, token(5 * MINUTE))).toMatchObject({
      issued: exactly(START - 5 * MINUTE),
    });
  });

  it("is that of the oldest token in use", () => {
    const oldest = { issued: exactly(START - 40 * MINUTE), evidence: "audit", doubt: null };
    expect(of(token(5 * MINUTE, 0), token(40 * MINUTE, 50 * MINUTE))).toEqual(oldest);
    expect(of(token(40 * MINUTE, 50 * MINUTE), token(5 * MINUTE, 0))).toEqual(oldest);
  });

  it("is not that of a token which was replaced", () => {
    expect(of(token(5 * MINUTE, 0), token(40 * MINUTE, 50 * MINUTE + 1))).toMatchObject({
      issued: exactly(START - 5 * MINUTE),
    });
  });

  describe("that contradicts the container's start", () => {
    it("counts when it is earlier", () => {
      expect(of(token(3 * HOUR))).toEqual({
        issued: exactly(START - 3 * HOUR),
        evidence: "audit",
        doubt: "before-start",
      });
    });

    it("does not count when it is later", () => {
      expect(of(token(-2 * HOUR))).toEqual(byStart("after-start"));
    });

    it.each([
      ["a minute earlier than can be", 3_036 * SECOND + MINUTE + SECOND],
      ["a minute later than can be", -MINUTE - 11 * SECOND],
    ])("may be what clocks do: %s", (_case, issuedBefore) => {
      expect(of(token(issuedBefore))).toMatchObject({ evidence: "audit", doubt: null });
    });

    it.each([
      ["earlier", 3_036 * SECOND + MINUTE + SECOND + 1, "before-start"],
      ["later", -MINUTE - 11 * SECOND - 1, "after-start"],
    ])("is told from there on: %s", (_case, issuedBefore, doubt) => {
      expect(of(token(issuedBefore))).toMatchObject({ doubt });
    });
  });

  describe("is left out", () => {
    it.each([
      ["a minute before the pod was created", 10 * DAY + MINUTE + SECOND, null],
      ["more than that", 10 * DAY + MINUTE + SECOND + 1, "before-pod"],
    ])("when it lies %s", (_case, issuedBefore, doubt) => {
      const found = of(token(issuedBefore));
      expect(found.doubt === "before-pod" ? found : { doubt: null }).toEqual(
        doubt === null ? { doubt } : byStart("before-pod"),
      );
    });

    it("when its requests lie in the future", () => {
      expect(of(token(MINUTE, -MINUTE))).toMatchObject({ evidence: "audit", doubt: null });
      expect(of(token(MINUTE, -MINUTE - 1))).toEqual(byStart("in-future"));
      expect(of(token(MINUTE, -HOUR), token(9 * MINUTE))).toMatchObject({ issued: exactly(START - 9 * MINUTE) });
    });
  });

  it("of a pod whose creation is not known is not compared with that", () => {
    expect(auditedIssue(BY_START, [token(300 * DAY)], { ...POD, createdAt: null })).toMatchObject({
      evidence: "audit",
      doubt: "before-start",
    });
  });

  it("never makes a token younger than its container's start and the clocks allow, whatever the log says", () => {
    const day = fc.integer({ min: -100 * DAY, max: 100 * DAY });
    const tokens = fc.array(fc.record({ issuedAt: day, usedAt: day }).map(shift), { maxLength: 5 });
    fc.assert(
      fc.property(tokens, (some) => {
        const { issued, evidence } = of(...some);
        expect(issued.earliest).toBeLessThanOrEqual(issued.latest);
        expect(issued.earliest).toBeLessThanOrEqual(BY_START.latest + MINUTE);
        if (evidence !== "audit") expect(issued).toEqual(BY_START);
      }),
    );
  });
});

const shift = ({ issuedAt, usedAt }: AuditedToken): AuditedToken => ({
  issuedAt: START + issuedAt,
  usedAt: START + usedAt,
});
