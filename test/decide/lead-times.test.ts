import { describe, expect, it } from "vitest";
import { leadTimes } from "../../src/decide/lead-times.ts";
import type { PodToken } from "../../src/model/decision.ts";
import type { Policy } from "../../src/model/policy.ts";
import { DAY, HOUR } from "../../src/model/time.ts";
import { NOW, POLICY } from "../support/gateways.ts";

/** Issued within the hour before now. */
const token = (lifetime: number): PodToken => ({
  source: "projected",
  evidence: null,
  lifetime: { millis: lifetime, from: "eks" },
  issuedAt: { earliest: NOW - HOUR, latest: NOW },
  expiresAt: { earliest: NOW - HOUR + lifetime, latest: NOW + lifetime },
});

/** Days from the earliest possible issue. */
interface Days {
  readonly due: number;
  readonly urgent: number;
  readonly slack: number;
}

const BY_AGE = "RestartIntervalReached";
const BY_DEADLINE = "DeadlineApproaching";

describe("the lead times of a token", () => {
  it.each<[string, number, Partial<Policy>, Days, string, boolean]>([
    ["of 90 days, due by its age and its end", 90, {}, { due: 60, urgent: 80, slack: 20 }, BY_AGE, false],
    ["of a year, due by its age", 365, {}, { due: 60, urgent: 355, slack: 295 }, BY_AGE, false],
    [
      "of 90 days, due by its end",
      90,
      { restartEvery: 85 * DAY },
      { due: 60, urgent: 80, slack: 20 },
      BY_DEADLINE,
      false,
    ],
    ["of 9 days, a third and a ninth of it", 9, {}, { due: 6, urgent: 8, slack: 2 }, BY_DEADLINE, true],
    ["of 90 days, a third of it", 90, { restartBefore: 31 * DAY }, { due: 60, urgent: 80, slack: 20 }, BY_AGE, true],
    ["of 90 days, a ninth of it", 90, { urgentBefore: 11 * DAY }, { due: 60, urgent: 80, slack: 20 }, BY_AGE, true],
    [
      "of 90 days, urgent before it is due",
      90,
      { restartBefore: DAY, restartEvery: 85 * DAY },
      { due: 85, urgent: 80, slack: 0 },
      BY_AGE,
      false,
    ],
  ])("%s", (_case, lifetime, policy, { due, urgent, slack }, dueBy, clipped) => {
    expect(leadTimes(token(lifetime * DAY), { ...POLICY, ...policy })).toEqual({
      dueAt: NOW - HOUR + due * DAY,
      urgentAt: NOW - HOUR + urgent * DAY,
      deadline: NOW - HOUR + lifetime * DAY,
      dueBy,
      clipped,
      slack: slack * DAY,
    });
  });

  it.each(["lifetime", "issuedAt", "expiresAt"])("are none without %s", (unknown) => {
    expect(leadTimes({ ...token(90 * DAY), [unknown]: null }, POLICY)).toBeNull();
  });
});
