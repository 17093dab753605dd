import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/decide/facts.ts";
import { CLAIM_REASON } from "../../src/decide/in-flight.ts";
import { isUrgentReason, restartProgress } from "../../src/decide/outcome.ts";
import type { Reason } from "../../src/model/decision.ts";
import type { InformerFailure, LogEvidence } from "../../src/model/log.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import { cluster, type GatewayOver, gateway, NOW, pod, quietLog, settings } from "../support/gateways.ts";

const RESTARTED = NOW - 5 * MINUTE;

/** A gateway that the guard restarted five minutes ago because its token was refused; every pod is new. */
function restarted(over: GatewayOver = {}, note: { reason?: string; result?: "cured"; at?: number } = {}): GatewayOver {
  const at = note.at ?? RESTARTED;
  return {
    pods: [pod({ age: 4 * MINUTE })],
    revisions: read([
      { hash: "old", restartedAt: null },
      { hash: "5d9c7", restartedAt: isoSeconds(RESTARTED) },
    ]),
    ...over,
    template: { restartedAt: isoSeconds(RESTARTED), ...over.template },
    workload: {
      ...over.workload,
      lastRestart: {
        state: "known",
        at,
        reason: note.reason ?? "TokenRefused",
        result: note.result ?? null,
        lifetime: null,
      },
    },
  };
}

function fullProgressOf(over: GatewayOver) {
  const observed = gateway(over);
  return restartProgress(factsOf(observed, cluster([observed]), settings(), NOW));
}

function progressOf(over: GatewayOver) {
  const progress = fullProgressOf(over);
  return progress.state === "ended" ? progress.outcome.result : progress.state;
}

const line = (failure: InformerFailure, age: number) => ({
  at: NOW - age * SECOND,
  failure,
  subsystem: "http" as const,
  pid: 60,
});
const log = (over: Partial<LogEvidence>) => [pod({ age: 4 * MINUTE, log: quietLog(over) })];
const old = pod({ name: "old", age: 61 * DAY, revision: "old" });

describe("what came of a restart", () => {
  it.each<[string, GatewayOver, string]>([
    ["none was ordered", { workload: { lastRestart: { state: "none" } } }, "none"],
    ["its note cannot be read", { workload: { lastRestart: { state: "unreadable", why: "?" } } }, "none"],
    ["its result is known", restarted({}, { result: "cured" }), "none"],
    ["it is a day old", restarted({}, { at: NOW - DAY }), "none"],
    ["an old pod runs", restarted({ pods: [pod({ age: MINUTE }), old] }), "rolling"],
    ["the controller has not seen it", restarted({ figures: { generation: 2 } }), "rolling"],
    ["a new pod is not available", restarted({ figures: { desired: 2, updated: 2, available: 1 } }), "rolling"],
    ["a pod is still missing", restarted({ figures: { desired: 2, updated: 1, available: 2 } }), "rolling"],
    [
      "the revisions are not known",
      restarted({ revisions: unread({ code: "Timeout", what: "?", message: "?" }) }),
      "rolling",
    ],
    ["the revisions were not read", restarted({ revisions: null }), "rolling"],
    ["no pod runs at the moment", restarted({ pods: [], figures: { desired: 1 } }), "rolling"],
    [
      "no pod runs, whatever the numbers say",
      restarted({ pods: [], figures: { desired: 1, total: 1, updated: 1, available: 1 } }),
      "rolling",
    ],
    [
      "a pod is missing for too long",
      restarted({ figures: { desired: 2, updated: 2, available: 1 } }, { at: NOW - 2 * HOUR }),
      "failed",
    ],
    [
      "old pods are left for too long",
      restarted({ pods: [old], template: { restartedAt: isoSeconds(RESTARTED) } }, { at: NOW - 2 * HOUR }),
      "unproven",
    ],
    ["it is about to be ordered", restarted({}, { reason: CLAIM_REASON, at: NOW - MINUTE + SECOND }), "rolling"],
    ["it was never ordered", restarted({}, { reason: CLAIM_REASON, at: NOW - MINUTE }), "deferred"],
    ["a pod without a revision", restarted({ pods: [pod({ revision: null })] }), "rolling"],
    ["new pods do not become ready", restarted({ pods: [pod(), old], figures: { deadlineExceeded: true } }), "failed"],
    [
      "somebody removed restartedAt and old pods run",
      restarted({ pods: [old], template: { restartedAt: null } }),
      "reverted",
    ],
    [
      "somebody set restartedAt back",
      restarted({ pods: [old], template: { restartedAt: isoSeconds(RESTARTED - DAY) } }),
      "reverted",
    ],
    [
      "somebody wrote no time into restartedAt",
      restarted({ pods: [old], template: { restartedAt: "yesterday" } }),
      "reverted",
    ],
    [
      "somebody removed restartedAt and one old pod is left",
      restarted({ pods: [pod({ age: MINUTE }), old], template: { restartedAt: null } }),
      "reverted",
    ],
    ["somebody removed restartedAt when every pod was new", restarted({ template: { restartedAt: null } }), "cured"],
    [
      "somebody restarted it again since",
      restarted({
        template: { restartedAt: isoSeconds(NOW - MINUTE) },
        revisions: read([{ hash: "5d9c7", restartedAt: isoSeconds(NOW - MINUTE) }]),
      }),
      "cured",
    ],
    ["it was scaled to zero", restarted({ pods: [], figures: { desired: 0 } }), "unproven"],
    [
      "it was due, and every pod is new",
      restarted({ pods: [pod({ age: SECOND })] }, { reason: "RestartIntervalReached" }),
      "renewed",
    ],
    ["it was refused, and its logs are too young", restarted({ pods: [pod({ age: 99 * SECOND })] }), "proving"],
    [
      "it was refused, and one pod is too young",
      restarted({ pods: [pod({ age: 4 * MINUTE }), pod({ name: "b", age: MINUTE })] }),
      "proving",
    ],
    [
      "it was refused, and the logs are clean",
      restarted({ pods: [pod({ age: 100 * SECOND, log: quietLog({ firstLineAt: NOW - 100 * SECOND }) })] }),
      "cured",
    ],
    [
      "the network failed, not the token",
      restarted({ pods: log({ lines: [line("other", 90), line("other", 50)] }) }),
      "cured",
    ],
    ["one stray refusal", restarted({ pods: log({ lines: [line("unauthorized", 50)] }) }), "proving"],
    [
      "two refusals of one moment",
      restarted({ pods: log({ lines: [line("unauthorized", 50), line("unauthorized", 50)] }) }),
      "proving",
    ],
    [
      "two refusals of less than half a minute",
      restarted({ pods: log({ lines: [line("unauthorized", 79), line("unauthorized", 50)] }) }),
      "proving",
    ],
    [
      "refusals since the very start",
      restarted({ pods: log({ lines: [line("unauthorized", 240), line("unauthorized", 210)] }) }),
      "refused",
    ],
    [
      "refusals of one pod among clean ones",
      restarted({
        pods: [
          pod({ age: 4 * MINUTE }),
          pod({
            name: "b",
            age: 4 * MINUTE,
            log: quietLog({ lines: [line("unauthorized", 80), line("unauthorized", 50)] }),
          }),
        ],
      }),
      "refused",
    ],
    [
      "one stray refusal of one pod among clean ones",
      restarted({
        pods: [
          pod({ age: 4 * MINUTE }),
          pod({ name: "b", age: 4 * MINUTE, log: quietLog({ lines: [line("unauthorized", 50)] }) }),
        ],
      }),
      "proving",
    ],
    [
      "refusals go on",
      restarted({ pods: log({ lines: [line("unauthorized", 80), line("unauthorized", 50)] }) }),
      "refused",
    ],
    [
      "refusals go on before the proof period is over",
      restarted({
        pods: [
          pod({ age: 90 * SECOND, log: quietLog({ lines: [line("unauthorized", 80), line("unauthorized", 40)] }) }),
        ],
      }),
      "refused",
    ],
    [
      "refusals of the container before",
      restarted({
        pods: [
          pod({
            age: 100 * SECOND,
            log: quietLog({
              firstLineAt: NOW - 100 * SECOND,
              lines: [line("unauthorized", 135), line("unauthorized", 101)],
            }),
          }),
        ],
      }),
      "cured",
    ],
    ["RBAC is gone", restarted({ pods: log({ lines: [line("forbidden", 80), line("forbidden", 40)] }) }), "refused"],
    [
      "the token file is unreadable",
      restarted({ pods: log({ lines: [line("token-file", 80), line("runtime", 40)] }) }),
      "refused",
    ],
    ["nobody asked for the logs", restarted({ pods: [pod({ age: 4 * MINUTE, log: null })] }), "proving"],
    ["the logs are cut, not for long yet", restarted({ pods: log({ capped: true }) }), "proving"],
    [
      "the logs are cut for three proof periods",
      restarted({ pods: [pod({ age: 300 * SECOND, log: quietLog({ capped: true }) })] }),
      "unproven",
    ],
    [
      "the logs are cut, a second less",
      restarted({ pods: [pod({ age: 299 * SECOND, log: quietLog({ capped: true }) })] }),
      "proving",
    ],
    [
      "the log of one pod is cut for three proof periods",
      restarted({
        pods: [pod({ age: 300 * SECOND }), pod({ name: "b", age: 300 * SECOND, log: quietLog({ capped: true }) })],
      }),
      "unproven",
    ],
    [
      "a stray refusal after three proof periods, in logs that were read in full",
      restarted({ pods: [pod({ age: 300 * SECOND, log: quietLog({ lines: [line("unauthorized", 50)] }) })] }),
      "proving",
    ],
    [
      "the logs are forbidden for three proof periods",
      restarted({ pods: [pod({ age: 300 * SECOND, log: unread({ code: "Forbidden", what: "?", message: "?" }) })] }),
      "unproven",
    ],
  ])("%s", (_case, over, expected) => {
    expect(progressOf(over)).toBe(expected);
  });

  it.each<[Reason, string, boolean]>([
    ["TokenRefused", "cured", true],
    ["RefusedWhenNew", "cured", true],
    ["RestartDidNotHelp", "cured", true],
    ["VersionRereadsToken", "cured", true],
    ["TokenFileUnreadable", "cured", true],
    ["TokenIsStatic", "cured", true],
    ["RemoteClusterRefused", "cured", true],
    ["NearDeadline", "renewed", true],
    ["DeadlineApproaching", "renewed", false],
    ["TokenYoung", "renewed", false],
  ])("after %s: %s, urgent: %s", (reason, result, urgent) => {
    expect(progressOf(restarted({}, { reason }))).toBe(result);
    expect(isUrgentReason(reason)).toBe(urgent);
  });

  it("says when the restart was ordered and when its result was proven", () => {
    expect(fullProgressOf(restarted())).toMatchObject({
      outcome: { result: "cured", restartedAt: RESTARTED, provenAt: NOW },
    });
  });

  it("says of a restart that was never ordered that there was none", () => {
    expect(fullProgressOf(restarted({}, { reason: CLAIM_REASON, at: NOW - MINUTE }))).toMatchObject({
      outcome: { result: "deferred", restartedAt: null, provenAt: null },
    });
  });

  it("looks again when the proof period of the youngest pod is over", () => {
    const pods = [pod({ age: 4 * MINUTE }), pod({ name: "b", age: 30 * SECOND })];
    expect(fullProgressOf(restarted({ pods }))).toEqual({ state: "proving", until: NOW + 70 * SECOND });
  });

  it("looks again after half a proof period when that is over and proves nothing yet", () => {
    expect(fullProgressOf(restarted({ pods: log({ lines: [line("unauthorized", 50)] }) }))).toEqual({
      state: "proving",
      until: NOW + 50 * SECOND,
    });
  });
});
