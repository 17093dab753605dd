import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_REASONS, type EventReason } from "../../src/model/event.ts";
import { OUTCOME_RESULTS, type OutcomeResult } from "../../src/model/last-restart.ts";
import { MINUTE, SECOND } from "../../src/model/time.ts";
import { orderEvent, resultEvent } from "../../src/report/event.ts";

const AT = Date.parse("2026-06-10T12:00:00Z");
const WORKLOAD = {
  namespace: "edge",
  kind: "Deployment",
  name: "checkout",
  uid: "6f1c0e4a-0000-4000-8000-00000000000A",
} as const;
const REFUSED = {
  action: "restart",
  reason: "TokenRefused",
  message: "The API server refuses the token of 2 of 2 pods.",
} as const;
const NAME = "6f1c0e4a-0000-4000-8000-00000000000a.20260610t120000z";

const ended = (result: OutcomeResult, restartedAt: number | null = AT) =>
  resultEvent(WORKLOAD, { result, restartedAt, provenAt: AT + 2 * MINUTE, message: "All 2 new pods." });

describe("the event of a restart", () => {
  it("says why it was ordered, and of which workload it is", () => {
    expect(orderEvent(WORKLOAD, REFUSED, { cure: "restart", at: AT, asked: false })).toEqual({
      name: `${NAME}.tokenguardrestart`,
      workload: WORKLOAD,
      cure: "restart",
      type: "Normal",
      reason: "TokenGuardRestart",
      message: "Rolling restart: TokenRefused. The API server refuses the token of 2 of 2 pods.",
      at: AT,
    });
  });

  it("says when the reason is a person", () => {
    const { message } = orderEvent(
      WORKLOAD,
      { reason: "TokenYoung", message: "It is due in 20 days." },
      { cure: "restart", at: AT, asked: true },
    );
    expect(message).toBe(
      "Rolling restart, because a person asked for it. Before it: TokenYoung. It is due in 20 days.",
    );
  });

  it("takes of the workload what names it, and nothing else", () => {
    const workload = { ...WORKLOAD, resourceVersion: "7", template: "CANARY" };
    expect(JSON.stringify(orderEvent(workload, REFUSED, { cure: "restart", at: AT, asked: false }))).not.toContain(
      "CANARY",
    );
  });
});

describe("the event of a result", () => {
  it.each<[OutcomeResult, EventReason, string]>([
    ["renewed", "TokenGuardCured", "Normal"],
    ["cured", "TokenGuardCured", "Normal"],
    ["refused", "TokenGuardRefused", "Warning"],
    ["failed", "TokenGuardFailed", "Warning"],
    ["reverted", "TokenGuardReverted", "Warning"],
    ["unproven", "TokenGuardUnproven", "Warning"],
  ])("that is %s", (result, reason, type) => {
    expect(ended(result)).toEqual({
      name: `${NAME}.${reason.toLowerCase()}`,
      workload: WORKLOAD,
      cure: "restart",
      type,
      reason,
      message: `Restart of 2026-06-10T12:00:00Z: ${result}. All 2 new pods.`,
      at: AT + 2 * MINUTE,
    });
  });

  it.each(["conflict", "deferred"] as const)("is none of %s: nothing was done", (result) => {
    expect(ended(result)).toBeNull();
  });

  it.each(OUTCOME_RESULTS)("is none when nothing was written: %s", (result) => {
    expect(ended(result, null)).toBeNull();
  });
});

describe("any event", () => {
  const reasons = new Set<string>(EVENT_REASONS);
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 3_000 }), fc.constant("€".repeat(2_000)));
  const moment = fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => seconds * SECOND);

  it("is one that an API server takes, whatever the message", () => {
    fc.assert(
      fc.property(text, moment, fc.constantFrom(...OUTCOME_RESULTS), (message, at, result) => {
        const told = [
          orderEvent(WORKLOAD, { ...REFUSED, message }, { cure: "restart", at, asked: true }),
          resultEvent(WORKLOAD, { result, restartedAt: at, provenAt: null, message }),
        ];
        for (const event of told) {
          if (event === null) continue;
          expect(Buffer.byteLength(event.message)).toBeLessThanOrEqual(1_024);
          expect(event.message).toMatch(/^[^\p{C}]+$/u);
          expect(event.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
          expect(event.name.length).toBeLessThanOrEqual(253);
          expect(reasons).toContain(event.reason);
        }
      }),
    );
  });

  it("has another name for another workload, another restart, and another thing to tell", () => {
    const names = [WORKLOAD, { ...WORKLOAD, uid: "7f1c0e4a-0000-4000-8000-00000000000a" }].flatMap((workload) =>
      [AT, AT + SECOND].flatMap((at) => [
        orderEvent(workload, REFUSED, { cure: "restart", at, asked: false }).name,
        ...(["cured", "refused", "failed", "reverted", "unproven"] as const).map(
          (result) => resultEvent(workload, { result, restartedAt: at, provenAt: null, message: "" })?.name,
        ),
      ]),
    );
    expect(new Set(names).size).toBe(24);
  });
});
