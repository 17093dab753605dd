import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FILE_LAG, issuedAt, refreshSeconds } from "../../src/decide/token-interval.ts";
import { DAY, HOUR, type Instant, MINUTE, type Millis, SECOND } from "../../src/model/time.ts";

const POD_SINCE = Date.parse("2026-06-01T00:00:00Z");

/** What happens to one pod, as far as its token goes. */
interface Life {
  /** What the token was asked for, in seconds. */
  readonly expirationSeconds: number;
  /** From the pod to its first token. */
  readonly mountedAfter: Millis;
  /** From the first token to the first start of the container: pulls, init containers. */
  readonly startedAfter: Millis;
  /** From one start of the container to the next one in place. */
  readonly restarts: readonly Millis[];
  /** Of each pod sync: 1 to 1.5 minutes, and its loops (kubelet, workerResyncIntervalJitterFactor). */
  readonly syncs: readonly Millis[];
  /** The kubelet renews 0 to 9 s early (token_manager.go, jitter), whole seconds. */
  readonly jitters: readonly number[];
  /** The kubelet was restarted, and forgot its tokens, after so long. */
  readonly forgets: Millis | null;
}

interface Token {
  readonly issuedAt: Instant;
  readonly writtenAt: Instant;
}

/** The tokens that the kubelet writes, by its own rule: token_manager.go `requiresRefresh`, asked with every sync of the pod. */
function tokensOf(life: Life, until: Instant): readonly Token[] {
  const { expirationSeconds, syncs, jitters, forgets } = life;
  const first = POD_SINCE + life.mountedAfter;
  const tokens: Token[] = [{ issuedAt: first, writtenAt: first }];
  let forgotten = forgets === null;
  for (let sync = 0, now = first; now < until; sync++) {
    now += syncs[sync % syncs.length] ?? MINUTE;
    const { issuedAt } = tokens.at(-1) ?? { issuedAt: first };
    const jitter = (jitters[sync % jitters.length] ?? 0) * SECOND;
    const expires = issuedAt + expirationSeconds * SECOND;
    const early = Math.floor(expirationSeconds / 5) * SECOND;
    const lost = !forgotten && now > first + (forgets ?? 0);
    forgotten ||= lost;
    // The request and the swap of the files take a moment.
    if (lost || now > issuedAt + DAY - jitter || now > expires - early - jitter)
      tokens.push({ issuedAt: now, writtenAt: now + 2 * SECOND });
  }
  return tokens;
}

const seconds = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * SECOND);

const anyLife: fc.Arbitrary<Life> = fc.record({
  expirationSeconds: fc.oneof(fc.constant(3_607), fc.integer({ min: 600, max: 200_000 })),
  mountedAfter: seconds(0, 120),
  startedAfter: seconds(0, 7_200),
  restarts: fc.array(seconds(1, 40 * 3_600), { maxLength: 4 }),
  syncs: fc.array(fc.integer({ min: 60_000, max: 90_100 }), { minLength: 1, maxLength: 7 }),
  jitters: fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
  forgets: fc.option(seconds(60, 40 * 3_600)),
});

/** Every start of the container, and the token it read. */
function readsOf(life: Life): readonly { readonly startedAt: Instant; readonly read: Instant }[] {
  const starts = [POD_SINCE + life.mountedAfter + life.startedAfter];
  for (const after of life.restarts) starts.push((starts.at(-1) ?? 0) + after);
  const tokens = tokensOf(life, (starts.at(-1) ?? 0) + HOUR);
  return starts.map((startedAt) => {
    const onDisk = tokens.filter(({ writtenAt }) => writtenAt <= startedAt).at(-1);
    if (onDisk === undefined) throw new Error("the container started before its token was there");
    return { startedAt, read: onDisk.issuedAt };
  });
}

describe("the token that a container read, by the kubelet's own rules", () => {
  it("was issued within the interval that follows from the container's start", () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        for (const { startedAt, read } of readsOf(life)) {
          const { earliest, latest } = issuedAt(startedAt, POD_SINCE, life.expirationSeconds);
          expect(read).toBeGreaterThanOrEqual(earliest);
          expect(read).toBeLessThanOrEqual(latest);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is known no worse than the rule allows", () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        for (const { startedAt } of readsOf(life)) {
          const { earliest, latest } = issuedAt(startedAt, POD_SINCE, life.expirationSeconds);
          expect(latest - earliest).toBeLessThanOrEqual(refreshSeconds(life.expirationSeconds) * SECOND + FILE_LAG);
          expect(earliest).toBeGreaterThanOrEqual(POD_SINCE);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("would not lie within it if the kubelet's delay were left out: the model does reach the edge", () => {
    const life: Life = {
      expirationSeconds: 3_607,
      mountedAfter: 0,
      startedAfter: 2_886 * SECOND + 80 * SECOND,
      restarts: [],
      syncs: [90 * SECOND],
      jitters: [0],
      forgets: null,
    };
    const [{ startedAt, read } = { startedAt: 0, read: 0 }] = readsOf(life);
    expect(read).toBe(POD_SINCE);
    expect(startedAt - read).toBeGreaterThan(refreshSeconds(3_607) * SECOND);
  });
});
