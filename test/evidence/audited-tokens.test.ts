import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditedTokens, MAX_PODS, MAX_TOKENS } from "../../src/evidence/audited-tokens.ts";
import { HOUR, SECOND } from "../../src/model/time.ts";

const use = (podUid: string, issuedAt: number, receivedAt: number) =>
  ({ kind: "stale-token", podUid, issuedAt, receivedAt }) as const;

function kept(...uses: readonly ReturnType<typeof use>[]) {
  const tokens = auditedTokens();
  for (const one of uses) tokens.add(one);
  return Object.fromEntries(tokens.all());
}

describe("the tokens of pods", () => {
  it("are one where the issue times differ by what a cache does, and the earliest is nearest to the truth", () => {
    expect(kept(use("a", 11_900, 5 * HOUR), use("a", 0, 4 * HOUR), use("a", 5_000, 6 * HOUR))).toEqual({
      a: [{ issuedAt: 0, usedAt: 6 * HOUR }],
    });
  });

  it("are two where they differ by more, the last used first", () => {
    expect(kept(use("a", 0, 5 * HOUR), use("a", 13 * SECOND, 4 * HOUR))).toEqual({
      a: [
        { issuedAt: 0, usedAt: 5 * HOUR },
        { issuedAt: 13 * SECOND, usedAt: 4 * HOUR },
      ],
    });
  });

  it("are told apart by pod", () => {
    expect(kept(use("a", 0, HOUR), use("b", 1, HOUR))).toEqual({
      a: [{ issuedAt: 0, usedAt: HOUR }],
      b: [{ issuedAt: 1, usedAt: HOUR }],
    });
  });

  it("are the same in whatever order events come, and however often", () => {
    // Each token half a minute from the next, computed up to eleven seconds late.
    const event = fc
      .tuple(fc.constantFrom("a", "b"), fc.nat({ max: 3 }), fc.nat({ max: 10_999 }), fc.nat({ max: 100 }))
      .map(([pod, token, late, hours]) => use(pod, token * 30 * SECOND + late, hours * HOUR + token));
    const shuffled = fc
      .array(event, { maxLength: 30 })
      .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })));
    fc.assert(
      fc.property(shuffled, ([events, others]) => {
        expect(kept(...others, ...events)).toEqual(kept(...events));
      }),
    );
  });

  it("are bounded: those used last are kept", () => {
    const tokens = Array.from({ length: 20 }, (_, index) => use("a", index * HOUR, (index + 2) * HOUR));
    const { a = [] } = kept(...tokens);
    expect(a).toHaveLength(MAX_TOKENS);
    expect(a[0]).toEqual({ issuedAt: 19 * HOUR, usedAt: 21 * HOUR });
  });

  it("of no more pods than fit are kept, those that were seen last", () => {
    const uses = Array.from({ length: MAX_PODS + 1 }, (_, index) => use(`pod-${index}`, 0, HOUR));
    const pods = Object.keys(kept(...uses.slice(0, 2), ...uses.slice(0, 1), ...uses.slice(2)));
    expect(pods).toHaveLength(MAX_PODS);
    expect(pods).toContain("pod-0");
    expect(pods).not.toContain("pod-1");
  });
});
