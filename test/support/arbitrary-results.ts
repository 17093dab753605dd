import fc from "fast-check";
import { ADVICE } from "../../src/model/advice.ts";
import {
  ACTIONS,
  BLOCKERS,
  type ClusterResult,
  type Decision,
  LIFETIME_SOURCES,
  type Plan,
  type PodDecision,
  type PodToken,
  REASONS,
  TOKEN_EVIDENCE,
  TOKEN_SOURCES,
  VERDICTS,
} from "../../src/model/decision.ts";
import { ERROR_CODES } from "../../src/model/errors.ts";
import { type LastRestart, OUTCOME_RESULTS } from "../../src/model/last-restart.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { DAY, type Instant, type Interval } from "../../src/model/time.ts";
import { WORKLOAD_KINDS } from "../../src/model/workload.ts";

/** Any results of looking at a cluster, sensible or not: for what must hold whatever was decided. */

/** What somebody who controls a name or a log line could put into it. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.lorem({ maxCount: 4 }) },
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
      fc.constantFrom(
        "\x1b[2J",
        "\x9b31m",
        "\x1b]8;;http://x\x07",
        "\r",
        "\n",
        "\t",
        "\x7f",
        "\u202e",
        "\u2066",
        "\u200b",
      ),
      fc.constantFrom(
        "\ufeff",
        "\u2028",
        "\u00ad",
        "\u00a0",
        "\u3000",
        "e\u0301\u0301\u0301",
        "日本語",
        "👩‍👩‍👧",
        "5 d",
        " ",
      ),
      fc.integer({ min: 1, max: 400 }).map((length) => "x".repeat(length)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

const instant: fc.Arbitrary<Instant> = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2100, 0) });
const count = fc.nat({ max: 5_000 });

const interval: fc.Arbitrary<Interval> = fc
  .tuple(instant, fc.nat({ max: 2 * DAY }))
  .map(([earliest, width]) => ({ earliest, latest: earliest + width }));

const token: fc.Arbitrary<PodToken> = fc.record({
  source: fc.constantFrom(...TOKEN_SOURCES),
  lifetime: fc.option(fc.record({ millis: fc.nat({ max: 400 * DAY }), from: fc.constantFrom(...LIFETIME_SOURCES) })),
  evidence: fc.option(fc.constantFrom(...TOKEN_EVIDENCE)),
  issuedAt: fc.option(interval),
  expiresAt: fc.option(interval),
});

const pod: fc.Arbitrary<PodDecision> = fc.record({
  name: hostileText,
  startedAt: fc.option(instant),
  token,
  rejections: fc.record({
    lines: count,
    firstAt: fc.option(instant),
    lastAt: fc.option(instant),
    refused: fc.boolean(),
    tokenFileUnreadable: fc.boolean(),
  }),
});

const lastRestart: fc.Arbitrary<LastRestart> = fc.oneof(
  fc.constant({ state: "none" } as const),
  fc.record({ state: fc.constant("unreadable" as const), why: hostileText }),
  fc.record({
    state: fc.constant("known" as const),
    at: instant,
    reason: hostileText,
    result: fc.option(fc.constantFrom(...OUTCOME_RESULTS)),
    lifetime: fc.option(fc.nat({ max: 400 * DAY })),
  }),
);

const outcome: fc.Arbitrary<Outcome> = fc.record({
  result: fc.constantFrom(...OUTCOME_RESULTS),
  restartedAt: fc.option(instant),
  provenAt: fc.option(instant),
  message: hostileText,
});

const decision: fc.Arbitrary<Decision> = fc.record({
  gateway: fc.record({ namespace: hostileText, kind: fc.constantFrom(...WORKLOAD_KINDS), name: hostileText }),
  version: fc.option(hostileText),
  verdict: fc.constantFrom(...VERDICTS),
  reason: fc.constantFrom(...REASONS),
  message: hostileText,
  action: fc.constantFrom(...ACTIONS),
  urgent: fc.boolean(),
  deadline: fc.option(instant),
  dueAt: fc.option(instant),
  token: fc.option(token),
  rejections: fc.record({
    lines: count,
    pods: count,
    perHour: fc.double({ min: 0, max: 1e6, noNaN: true }),
    lastAt: fc.option(instant),
    covered: fc.option(fc.boolean()),
  }),
  blockers: fc.array(fc.record({ reason: fc.constantFrom(...BLOCKERS), message: hostileText, waived: fc.boolean() }), {
    maxLength: 4,
  }),
  lastRestart,
  restart: fc.constant({ state: "none" } as const),
  lifetimeIfCured: fc.option(fc.nat({ max: 400 * DAY })),
  pods: fc.array(pod, { maxLength: 6 }),
  warnings: fc.array(hostileText, { maxLength: 8 }),
  hints: fc.array(fc.record({ code: fc.constantFrom(...ADVICE), about: fc.option(hostileText) }), { maxLength: 4 }),
  nextCheckAt: fc.option(instant),
});

const plan: fc.Arbitrary<Plan> = fc
  .record({
    cluster: hostileText,
    at: instant,
    observedAt: instant,
    gitVersion: hostileText,
    decisions: fc.array(decision, { maxLength: 6 }),
    settled: fc.boolean(),
    nextCheckAt: fc.option(instant),
    warnings: fc.array(hostileText, { maxLength: 8 }),
  })
  .chain((made) =>
    fc.boolean().map((starts) => ({
      ...made,
      restarts: starts ? made.decisions.slice(0, 1).map(({ gateway }) => gateway) : [],
    })),
  );

const results = fc.record({
  cluster: hostileText,
  at: instant,
  plan: fc.option(plan, { freq: 8 }),
  nextLookAt: fc.option(instant),
  warnings: fc.array(hostileText, { maxLength: 2 }),
  error: fc.option(fc.record({ code: fc.constantFrom(...ERROR_CODES), message: hostileText }), { freq: 2 }),
});

export const clusterResults: fc.Arbitrary<ClusterResult> = fc
  .tuple(results, fc.array(fc.option(outcome), { maxLength: 6 }))
  .map(([result, ended]) => ({
    ...result,
    outcomes: (result.plan?.decisions ?? []).flatMap(({ gateway }, index) => {
      const one = ended[index];
      return one == null ? [] : [{ gateway, outcome: one }];
    }),
  }));
