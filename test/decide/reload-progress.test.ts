import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/decide/facts.ts";
import { restartProgress } from "../../src/decide/outcome.ts";
import type { RestartProgress } from "../../src/model/outcome.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { TokenProbe } from "../../src/model/probe.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE, type Millis, SECOND } from "../../src/model/time.ts";
import { cluster, type GatewayOver, gateway, NOW, type PodOver, pod, quietLog, settings } from "../support/gateways.ts";

const PROOF = 100 * SECOND;
/** The kubelet's renewal, what the file lags behind it, and as much for the clock of the node. */
const OLDEST = (2_886 + 150 + 150) * SECOND;
const startedMinutesAgo = (minutes: number): PodOver => ({
  container: {
    name: "apisix",
    image: "apache/apisix:3.9.1-debian",
    startedAt: NOW - minutes * MINUTE,
    restartCount: 1,
  },
});
const UNREADABLE = unread({ code: "Timeout", what: "list pods", message: "It hung." } as const);

/** A container of 61 days whose process is as old as told, beside a file of half an hour ago. */
function reloadedPod(agentAge: Millis | null, over: PodOver = {}, fileAge = 30 * MINUTE) {
  const probe: TokenProbe = {
    readAt: NOW - (agentAge ?? 0),
    agent: 7,
    fileChangedAt: NOW - fileAge + SECOND,
    claims: { issuedAt: NOW - fileAge, lifetime: 90 * DAY, subject: "system:serviceaccount:apisix:default" },
  };
  const failed = unread({ code: "Timeout", what: "probe", message: "It hung." } as const);
  return pod({ age: 61 * DAY, probe: agentAge === null ? failed : read(probe), ...over });
}

function progress(
  age: Millis,
  pods: GatewayOver["pods"],
  over: GatewayOver = {},
  policy: Partial<Policy> = {},
): RestartProgress {
  const at = NOW - age;
  const lastRestart = {
    state: "known",
    at,
    reason: "NearDeadline",
    cure: "reload",
    result: null,
    lifetime: null,
  } as const;
  const observed = gateway({ ...over, pods: pods ?? [], workload: { lastRestart } });
  return restartProgress(factsOf(observed, cluster([observed]), settings({ cure: "reload", ...policy }), NOW));
}

const ended = (result: string, message: RegExp) => ({
  state: "ended",
  outcome: { result, cure: "reload", message: expect.stringMatching(message), provenAt: NOW },
});

const line = (age: number, failure: "unauthorized" | "forbidden" | "other" = "unauthorized") => ({
  at: NOW - age * SECOND,
  failure,
  subsystem: "http" as const,
  pid: 60,
});
const logOf = (...lines: ReturnType<typeof line>[]) => ({ log: quietLog({ lines }) });

describe("what came of a reload", () => {
  it.each<[string, RestartProgress | object, RestartProgress]>([
    [
      "a process is still the old one",
      { state: "rolling" },
      progress(MINUTE, [reloadedPod(MINUTE), reloadedPod(61 * DAY)]),
    ],
    ["a container does not tell", { state: "rolling" }, progress(MINUTE, [reloadedPod(null)])],
    [
      "a process is the old one, though not due itself",
      ended("unproven", /cannot be shown/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE), reloadedPod(10 * DAY)]),
    ],
    [
      "a process is as old as a clock may be behind",
      ended("renewed", /^Every pod/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE + 150 * SECOND)]),
    ],
    [
      "a process is a second older than that",
      ended("unproven", /cannot be shown/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE + 151 * SECOND)]),
    ],
    [
      "the token that was read is due this very moment",
      ended("unproven", /cannot be shown/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE)], {}, { restartEvery: 30 * MINUTE }),
    ],
    [
      "the token that was read is due in a second",
      ended("renewed", /^Every pod/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE)], {}, { restartEvery: 30 * MINUTE + SECOND }),
    ],
    [
      "the token that was read is as old as the kubelet, and a clock, allow",
      ended("renewed", /^Every pod/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE, {}, 5 * MINUTE + OLDEST)]),
    ],
    [
      "the token that was read is a second older than that",
      ended("unproven", /cannot be shown/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE, {}, 5 * MINUTE + OLDEST + SECOND)]),
    ],
    [
      "one pod after another reads its token, the newest a moment ago",
      { state: "rolling" },
      progress(10 * MINUTE, [reloadedPod(2 * MINUTE - SECOND), reloadedPod(61 * DAY)]),
    ],
    [
      "none has followed for two minutes",
      ended("unproven", /cannot be shown/),
      progress(10 * MINUTE, [reloadedPod(2 * MINUTE), reloadedPod(61 * DAY)]),
    ],
    [
      "the newest has a clock that is ahead",
      { state: "rolling" },
      progress(10 * MINUTE, [reloadedPod(-MINUTE), reloadedPod(61 * DAY)]),
    ],
    [
      "a container was started again meanwhile, which is no reload",
      ended("unproven", /cannot be shown/),
      progress(10 * MINUTE, [pod({ age: MINUTE, probe: null }), reloadedPod(61 * DAY)]),
    ],
    [
      "a container was started a minute before its process",
      ended("unproven", /cannot be shown/),
      progress(10 * MINUTE, [reloadedPod(MINUTE, startedMinutesAgo(2)), reloadedPod(61 * DAY)]),
    ],
    [
      "a container was started more than that before its process",
      { state: "rolling" },
      progress(10 * MINUTE, [reloadedPod(MINUTE - SECOND, startedMinutesAgo(2)), reloadedPod(61 * DAY)]),
    ],
    [
      "it is all but an hour old, and goes on",
      { state: "rolling" },
      progress(HOUR - SECOND, [reloadedPod(MINUTE), reloadedPod(61 * DAY)]),
    ],
    [
      "it is an hour old",
      ended("unproven", /cannot be shown/),
      progress(HOUR, [reloadedPod(MINUTE), reloadedPod(61 * DAY)]),
    ],
    ["its pods cannot be read", { state: "rolling" }, progress(HOUR - SECOND, UNREADABLE)],
    [
      "its pods cannot be read for an hour",
      ended("unproven", /^Its pods could not be read\.$/),
      progress(HOUR, UNREADABLE),
    ],
    [
      "what its informer may not see it has never seen",
      ended("renewed", /hold no refusal/),
      progress(PROOF, [reloadedPod(PROOF, logOf(line(90, "forbidden"), line(50, "forbidden"), line(10, "forbidden")))]),
    ],
    ["no pod runs at the moment", { state: "rolling" }, progress(2 * MINUTE - SECOND, [], { figures: { desired: 1 } })],
    [
      "it is a second from having lasted too long",
      { state: "rolling" },
      progress(2 * MINUTE - SECOND, [reloadedPod(null)]),
    ],
    [
      "a process is the old one for too long",
      ended("unproven", /^That pod apisix-5d9c7-a read a new token since cannot be shown\.$/),
      progress(2 * MINUTE, [reloadedPod(61 * DAY)]),
    ],
    [
      "no pod runs for too long",
      ended("unproven", /^No pod of it runs\.$/),
      progress(2 * MINUTE, [], { figures: { desired: 1 } }),
    ],
    [
      "the token that was read is as old",
      ended("unproven", /cannot be shown/),
      progress(5 * MINUTE, [reloadedPod(5 * MINUTE, {}, 61 * DAY)]),
    ],
    [
      "every process is new, for less than the proof period",
      { state: "proving", until: NOW - MINUTE + PROOF },
      progress(90 * SECOND, [reloadedPod(90 * SECOND), reloadedPod(MINUTE)]),
    ],
    [
      "a node's clock is ahead",
      { state: "proving", until: NOW + PROOF },
      progress(10 * SECOND, [reloadedPod(-MINUTE)]),
    ],
    [
      "a node's clock is behind",
      { state: "proving", until: NOW - MINUTE + PROOF },
      progress(MINUTE, [reloadedPod(3 * MINUTE)]),
    ],
    [
      "every process is new and the logs are clean",
      ended(
        "renewed",
        /^Every pod has read its token again since 2026-06-10T11:58:20Z, and their logs hold no refusal\.$/,
      ),
      progress(PROOF, [reloadedPod(PROOF)]),
    ],
    [
      "a pod was replaced meanwhile",
      ended("renewed", /^Every pod/),
      progress(5 * MINUTE, [reloadedPod(4 * MINUTE), pod({ age: 3 * MINUTE, probe: null })]),
    ],
    [
      "a pod reads its token for every request anyway",
      ended("renewed", /^Every pod/),
      progress(5 * MINUTE, [
        reloadedPod(4 * MINUTE),
        pod({ age: 61 * DAY, image: "apache/apisix:3.16.0", probe: null }),
      ]),
    ],
    [
      "a log cannot tell",
      ended("renewed", /but the logs of pod apisix-5d9c7-a do not show whether it is accepted/),
      progress(PROOF, [reloadedPod(PROOF, { log: quietLog({ capped: true }) })]),
    ],
    [
      "one refusal has come since",
      { state: "proving", until: NOW + PROOF / 2 },
      progress(PROOF, [reloadedPod(PROOF, logOf(line(20)))]),
    ],
    [
      "one refusal has come in one pod",
      { state: "proving", until: NOW + PROOF / 2 },
      progress(PROOF, [reloadedPod(PROOF), reloadedPod(PROOF, logOf(line(20)))]),
    ],
    [
      "the network failed since",
      ended("renewed", /hold no refusal/),
      progress(PROOF, [reloadedPod(PROOF, logOf(line(20, "other")))]),
    ],
    [
      "refusals go on",
      ended("refused", /^The token that it has read again is refused as well\.$/),
      progress(90 * SECOND, [reloadedPod(90 * SECOND, logOf(line(50), line(10)))]),
    ],
    [
      "refusals came before it",
      ended("renewed", /hold no refusal/),
      progress(PROOF, [reloadedPod(PROOF, logOf(line(130), line(101)))]),
    ],
    ["it is a day old", { state: "none" }, progress(DAY, [reloadedPod(DAY)])],
    [
      "it is hours old, since nobody looked",
      ended("renewed", /^Every pod/),
      progress(3 * HOUR, [reloadedPod(3 * HOUR)]),
    ],
  ])("%s", (_case, expected, actual) => {
    expect(actual).toMatchObject(expected);
  });
});
