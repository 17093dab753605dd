import { describe, expect, it } from "vitest";
import { CLAIM_REASON } from "../../src/decide/in-flight.ts";
import { planCluster } from "../../src/decide/plan.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { ReadFailure } from "../../src/model/read.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import {
  cluster,
  discoveryOn,
  type GatewayOver,
  gateway,
  NOW,
  pendingPod,
  pod,
  projected,
  quietLog,
  refusedLog,
  settings,
} from "../support/gateways.ts";

const FORBIDDEN: ReadFailure = {
  code: "Forbidden",
  what: "read the log of pod apisix-5d9c7-a",
  message: "The guard may not get pods/log in namespace apisix.",
  permission: { verb: "get", resource: "pods/log", namespace: "apisix" },
};

const decideOne = (over: GatewayOver, rest = settings(), observation = {}): Decision => {
  const [decision] = planCluster(cluster([gateway(over)], observation), rest).decisions;
  if (decision === undefined) throw new Error("a gateway got lost");
  return decision;
};

const discoveryOff = (changedAgo: number) => discoveryOn({ discovery: { state: "off" }, changedAt: NOW - changedAgo });

const twoClusters = discoveryOn({
  discovery: {
    state: "on",
    clusters: [
      { token: { kind: "file", path: "/var/run/secrets/kubernetes.io/serviceaccount/token" } },
      { token: { kind: "file", path: "/etc/remote/token" } },
    ],
  },
});

const restarted = (ago: number, result: "refused" | "cured" | null) => ({
  workload: { lastRestart: { state: "known" as const, at: NOW - ago, reason: "TokenRefused", result, lifetime: null } },
  template: { restartedAt: isoSeconds(NOW - ago) },
});

const REFUSED_OLD = pod({ age: 61 * DAY, log: refusedLog() });
const image = (name: string) => ({ template: { container: { name: "apisix", image: name } } });

describe("the verdict on one gateway", () => {
  it.each<[string, GatewayOver, Decision["verdict"], Decision["reason"]]>([
    // 1 unknown
    ["its pods could not be read", { pods: unread(FORBIDDEN) }, "unknown", "PodsUnreadable"],
    ["no container is APISIX", { template: { container: null } }, "unknown", "NoApisixContainer"],
    ["replicas are wanted and there is no pod", { pods: [], figures: { desired: 2 } }, "unknown", "NoPodRunning"],
    ["no pod runs yet", { pods: [pendingPod()] }, "unknown", "NoPodRunning"],
    ["a container started in the future", { pods: [pod({ age: -151 * SECOND })] }, "unknown", "StartedInFuture"],
    [
      "a container started a little ahead of our clock",
      { pods: [pod({ age: -150 * SECOND })] },
      "healthy",
      "TokenYoung",
    ],
    // 2 unfixable
    ["explicit projection of an hour", { pods: [pod({ token: projected(3_600) })] }, "unfixable", "LifetimeTooShort"],
    ["a token of 12 hours", { pods: [pod({ age: MINUTE, token: projected(43_200) })] }, "healthy", "TokenYoung"],
    [
      "a token of a second less",
      { pods: [pod({ age: MINUTE, token: projected(43_199) })] },
      "unfixable",
      "LifetimeTooShort",
    ],
    [
      "an hour, but the file is read anew",
      { pods: [pod({ image: "apache/apisix:3.16.0", token: projected(3_600) })] },
      "unaffected",
      "VersionNotAffected",
    ],
    [
      "an hour, but discovery is off",
      { pods: [pod({ token: projected(3_600) })], config: discoveryOff(2 * DAY) },
      "unaffected",
      "DiscoveryOff",
    ],
    [
      "an hour, its image unknown",
      { pods: [pod({ image: "apisix@sha256:ab", token: projected(3_600) })] },
      "unfixable",
      "LifetimeTooShort",
    ],
    [
      "refused 2 h after creation",
      { pods: [pod({ age: 2 * HOUR, log: refusedLog() })] },
      "unfixable",
      "RefusedWhenNew",
    ],
    [
      "refused a second before 12 h",
      { pods: [pod({ age: 12 * HOUR - SECOND, log: refusedLog() })] },
      "unfixable",
      "RefusedWhenNew",
    ],
    ["refused at 12 h", { pods: [pod({ age: 12 * HOUR, log: refusedLog() })] }, "rejected", "TokenRefused"],
    [
      "an old pod whose container restarted an hour ago is refused",
      { pods: [pod({ age: HOUR, createdAt: NOW - 61 * DAY, log: refusedLog() })] },
      "rejected",
      "TokenRefused",
    ],
    [
      "refused, its creation unknown",
      { pods: [pod({ createdAt: null, age: 61 * DAY, log: refusedLog() })] },
      "unfixable",
      "RefusedWhenNew",
    ],
    [
      "a new pod refused beside old ones",
      { pods: [REFUSED_OLD, pod({ name: "apisix-5d9c7-b", age: HOUR, log: refusedLog() })] },
      "unfixable",
      "RefusedWhenNew",
    ],
    [
      "refused after our restart of this template",
      { pods: [pod({ age: 13 * HOUR, log: refusedLog() })], ...restarted(13 * HOUR, "refused") },
      "unfixable",
      "RestartDidNotHelp",
    ],
    [
      "refused after our restart, restarted by somebody since",
      {
        pods: [pod({ age: 13 * HOUR, log: refusedLog() })],
        ...restarted(20 * HOUR, "refused"),
        template: { restartedAt: isoSeconds(NOW - 13 * HOUR) },
      },
      "rejected",
      "TokenRefused",
    ],
    [
      "our restart was refused, the pods are not any more",
      { pods: [pod({ age: 13 * HOUR })], ...restarted(13 * HOUR, "refused") },
      "healthy",
      "TokenYoung",
    ],
    [
      "refused long after our cure",
      { pods: [REFUSED_OLD], ...restarted(61 * DAY, "cured") },
      "rejected",
      "TokenRefused",
    ],
    [
      "3.16 refused",
      { pods: [pod({ age: 61 * DAY, image: "apache/apisix:3.16.0-ubuntu", log: refusedLog() })] },
      "unfixable",
      "VersionRereadsToken",
    ],
    [
      "unreadable token file beside the refusals",
      {
        pods: [
          pod({
            age: 61 * DAY,
            log: refusedLog({
              lines: [
                ...refusedLog().lines,
                { at: NOW - 50 * SECOND, failure: "token-file", subsystem: "http", pid: 57 },
              ],
            }),
          }),
        ],
      },
      "unfixable",
      "TokenFileUnreadable",
    ],
    [
      "static token refused",
      { pods: [pod({ age: 61 * DAY, token: { kind: "static" }, log: refusedLog() })] },
      "unfixable",
      "TokenIsStatic",
    ],
    [
      "token from an own file refused",
      { pods: [pod({ age: 61 * DAY, token: { kind: "file" }, log: refusedLog() })] },
      "unfixable",
      "TokenIsStatic",
    ],
    [
      "several clusters, refused before the deadline",
      { pods: [pod({ age: 13 * HOUR, log: refusedLog() })], config: twoClusters },
      "unfixable",
      "RemoteClusterRefused",
    ],
    [
      "several clusters, refused past the deadline",
      { pods: [pod({ age: 91 * DAY, log: refusedLog() })], config: twoClusters },
      "rejected",
      "TokenRefused",
    ],
    [
      "several clusters, refused at the deadline",
      { pods: [pod({ age: 90 * DAY, log: refusedLog() })], config: twoClusters },
      "rejected",
      "TokenRefused",
    ],
    [
      "several clusters, refused before the deadline of one of two pods",
      { pods: [pod({ age: 91 * DAY, log: refusedLog() }), pod({ name: "b", log: refusedLog() })], config: twoClusters },
      "unfixable",
      "RemoteClusterRefused",
    ],
    [
      "discovery unclear, refused before the deadline",
      {
        pods: [pod({ age: 13 * HOUR, log: refusedLog() })],
        config: discoveryOn({ discovery: { state: "unknown", why: "?" } }),
      },
      "rejected",
      "TokenRefused",
    ],
    [
      "its ConfigMap forbidden, refused before the deadline",
      { pods: [pod({ age: 13 * HOUR, log: refusedLog() })], config: unread(FORBIDDEN) },
      "rejected",
      "TokenRefused",
    ],
    [
      "one cluster, refused before the deadline",
      { pods: [pod({ age: 13 * HOUR, log: refusedLog() })] },
      "rejected",
      "TokenRefused",
    ],
    // 3 rejected
    ["young pods refused", { pods: [pod({ age: DAY, log: refusedLog() })] }, "rejected", "TokenRefused"],
    [
      "one refused of three",
      { pods: [pod(), pod({ name: "b", log: refusedLog() }), pod({ name: "c" })] },
      "rejected",
      "TokenRefused",
    ],
    [
      "refused although discovery reads as off",
      { pods: [REFUSED_OLD], config: discoveryOff(100 * DAY) },
      "rejected",
      "TokenRefused",
    ],
    [
      "refused while it is scaled to zero",
      { pods: [REFUSED_OLD], figures: { desired: 0 } },
      "rejected",
      "TokenRefused",
    ],
    ["refused while another pod hangs Pending", { pods: [REFUSED_OLD, pendingPod()] }, "rejected", "TokenRefused"],
    // 4 unaffected
    ["scaled to zero", { pods: [], figures: { desired: 0 } }, "unaffected", "ScaledToZero"],
    [
      "3.16",
      { pods: [pod({ age: 61 * DAY, image: "apache/apisix:3.16.0-ubuntu" })] },
      "unaffected",
      "VersionNotAffected",
    ],
    [
      "3.13.0",
      { pods: [pod({ age: 61 * DAY, image: "apache/apisix:3.13.0-debian" })] },
      "unaffected",
      "VersionNotAffected",
    ],
    [
      "3.12.0",
      { pods: [pod({ age: 61 * DAY, image: "apache/apisix:3.12.0-debian" })] },
      "due",
      "RestartIntervalReached",
    ],
    [
      "2.12.1",
      { pods: [pod({ age: 61 * DAY, image: "apache/apisix:2.12.1-alpine" })], config: null },
      "unaffected",
      "VersionNotAffected",
    ],
    [
      "1.4.2 of somebody's own numbering, with Kubernetes discovery on",
      { pods: [pod({ age: 61 * DAY, image: "acme/apisix:1.4.2" })] },
      "due",
      "RestartIntervalReached",
    ],
    [
      "3.16 beside 2.12",
      {
        pods: [pod({ image: "apache/apisix:3.16.0" }), pod({ name: "b", image: "apache/apisix:2.12.1" })],
        config: null,
      },
      "unaffected",
      "VersionNotAffected",
    ],
    [
      "3.16 beside an old 3.9",
      { pods: [pod({ image: "apache/apisix:3.16.0" }), pod({ name: "b", age: 61 * DAY })] },
      "due",
      "RestartIntervalReached",
    ],
    [
      "3.16 with a static token",
      { pods: [pod({ age: 61 * DAY, image: "apache/apisix:3.16.0", token: { kind: "static" } })] },
      "healthy",
      "AgeNotKnowable",
    ],
    [
      "discovery off in an old ConfigMap",
      { pods: [pod({ age: 61 * DAY })], config: discoveryOff(62 * DAY) },
      "unaffected",
      "DiscoveryOff",
    ],
    [
      "discovery off, edited after the start",
      { pods: [pod({ age: 61 * DAY })], config: discoveryOff(60 * DAY) },
      "due",
      "RestartIntervalReached",
    ],
    [
      "discovery off, edited after the start of one of two",
      { pods: [pod({ age: DAY }), pod({ name: "b", age: 61 * DAY })], config: discoveryOff(2 * DAY) },
      "due",
      "RestartIntervalReached",
    ],
    [
      "discovery off, time of the edit unknown",
      { pods: [pod({ age: 61 * DAY })], config: discoveryOn({ discovery: { state: "off" }, changedAt: null }) },
      "due",
      "RestartIntervalReached",
    ],
    [
      "its ConfigMap is forbidden",
      { pods: [pod({ age: 61 * DAY })], config: unread(FORBIDDEN) },
      "due",
      "RestartIntervalReached",
    ],
    // 5 expiring
    ["80 days", { pods: [pod({ age: 80 * DAY })] }, "expiring", "NearDeadline"],
    ["81 days", { pods: [pod({ age: 81 * DAY })] }, "expiring", "NearDeadline"],
    ["past its deadline and not refused yet", { pods: [pod({ age: 91 * DAY })] }, "expiring", "NearDeadline"],
    ["one old among young", { pods: [pod(), pod({ name: "b", age: 81 * DAY })] }, "expiring", "NearDeadline"],
    ["young ones behind one old", { pods: [pod({ name: "b", age: 81 * DAY }), pod()] }, "expiring", "NearDeadline"],
    // 6 due
    ["a second before 80 days", { pods: [pod({ age: 80 * DAY - SECOND })] }, "due", "RestartIntervalReached"],
    ["60 days", { pods: [pod({ age: 60 * DAY })] }, "due", "RestartIntervalReached"],
    [
      "young ones behind one of 61 days",
      { pods: [pod({ name: "b", age: 61 * DAY }), pod()] },
      "due",
      "RestartIntervalReached",
    ],
    ["61 days", { pods: [pod({ age: 61 * DAY })] }, "due", "RestartIntervalReached"],
    [
      "one of 61 days among young",
      { pods: [pod(), pod({ name: "b", age: 61 * DAY })] },
      "due",
      "RestartIntervalReached",
    ],
    [
      "digest-only image, old",
      { pods: [pod({ age: 61 * DAY, image: "apache/apisix@sha256:0123" })] },
      "due",
      "RestartIntervalReached",
    ],
    [
      "old pod, container restarted yesterday",
      { pods: [pod({ age: DAY, createdAt: NOW - 61 * DAY, startTime: NOW - 61 * DAY })] },
      "healthy",
      "TokenYoung",
    ],
    [
      "61 days with a loud log",
      {
        pods: [
          pod({ age: 61 * DAY, log: quietLog({ firstLineAt: NOW - 20 * SECOND, fileFirstLineAt: NOW - 20 * SECOND }) }),
        ],
      },
      "due",
      "RestartIntervalReached",
    ],
    [
      "61 days with forbidden logs",
      { pods: [pod({ age: 61 * DAY, log: unread(FORBIDDEN) })] },
      "due",
      "RestartIntervalReached",
    ],
    // 7 unknown
    ["forbidden logs", { pods: [pod({ log: unread(FORBIDDEN) })] }, "unknown", "LogsUnreadable"],
    [
      "a loud log",
      { pods: [pod({ log: quietLog({ firstLineAt: NOW - 20 * SECOND, fileFirstLineAt: NOW - 20 * SECOND }) })] },
      "unknown",
      "LogsNotCovered",
    ],
    ["a capped log", { pods: [pod({ log: quietLog({ capped: true }) })] }, "unknown", "LogsNotCovered"],
    [
      "a restart of ours awaits its result, logs not covered",
      { pods: [pod({ log: quietLog({ capped: true }) })], ...restarted(HOUR, null) },
      "unknown",
      "LogsNotCovered",
    ],
    // 8 verifying
    [
      "a restart of ours awaits its result",
      { pods: [pod({ age: MINUTE })], ...restarted(MINUTE, null) },
      "verifying",
      "AwaitingProof",
    ],
    [
      "a restart of ours never got a result",
      { pods: [pod({ age: DAY })], ...restarted(DAY, null) },
      "healthy",
      "TokenYoung",
    ],
    [
      "a restart of ours is about to be ordered",
      { workload: { lastRestart: { state: "known", at: NOW, reason: CLAIM_REASON, result: null, lifetime: null } } },
      "healthy",
      "TokenYoung",
    ],
    // 9 healthy
    ["scaled to zero, and a pod still runs", { figures: { desired: 0 } }, "healthy", "TokenYoung"],
    ["a second before 60 days", { pods: [pod({ age: 60 * DAY - SECOND })] }, "healthy", "TokenYoung"],
    ["a day old", {}, "healthy", "TokenYoung"],
    [
      "static token, not refused",
      { pods: [pod({ age: 91 * DAY, token: { kind: "static" } })] },
      "healthy",
      "AgeNotKnowable",
    ],
    [
      "a token whose source is not known",
      { pods: [pod({ age: 91 * DAY, token: { kind: "unknown", why: "No volume holds it." } })] },
      "healthy",
      "AgeNotKnowable",
    ],
    [
      "API7 Enterprise, old",
      { pods: [pod({ age: 91 * DAY, image: "api7/api7-ee-3-gateway:3.10.5" })] },
      "healthy",
      "AgeNotKnowable",
    ],
    [
      "API7 Enterprise, refused",
      { pods: [pod({ age: 91 * DAY, image: "api7/api7-ee-3-gateway:3.14.5", log: refusedLog() })] },
      "rejected",
      "TokenRefused",
    ],
    ["a pod is being created by an autoscaler", { pods: [pod(), pendingPod()] }, "healthy", "TokenYoung"],
  ])("%s", (_case, over, verdict, reason) => {
    expect(decideOne(over)).toMatchObject({ verdict, reason });
  });

  it.each([
    ["a day at most", DAY, 15 * HOUR, "healthy"],
    ["a day at most", DAY, 16 * HOUR, "due"],
    ["a day at most", DAY, 21.5 * HOUR, "expiring"],
    ["upstream's year", null, 61 * DAY, "due"],
    ["upstream's year", null, 59 * DAY, "healthy"],
  ])("knows a lifetime of %s (%s ms) at an age of %i ms: %s", (_case, tokenLifetime, age, verdict) => {
    const decision = decideOne({ pods: [pod({ age })] }, settings({}, { tokenLifetime }), { gitVersion: "v1.33.5" });
    expect(decision.verdict).toBe(verdict);
  });

  it("names the deadline as the reason when the interval is longer", () => {
    const rest = settings({ restartEvery: 85 * DAY });
    expect(decideOne({ pods: [pod({ age: 61 * DAY })] }, rest)).toMatchObject({
      verdict: "due",
      reason: "DeadlineApproaching",
    });
  });

  it("says that no window can hold a token of one day", () => {
    const { message } = decideOne({ pods: [pod({ age: 17 * HOUR })] }, settings({}, { tokenLifetime: DAY }));
    expect(message).toContain("No maintenance window");
  });

  it("does not call a gateway unknown when nobody asked for its logs", () => {
    expect(decideOne({ pods: [pod({ log: null })] })).toMatchObject({
      verdict: "healthy",
      rejections: { covered: null },
    });
  });

  it("warns about a last-restart annotation that cannot be read", () => {
    const { warnings } = decideOne({ workload: { lastRestart: { state: "unreadable", why: "it is not JSON" } } });
    expect(warnings.join()).toContain("it is not JSON");
  });

  it("warns that discovery is presumed on when the ConfigMap is forbidden or unclear", () => {
    expect(decideOne({ config: unread(FORBIDDEN) }).warnings.join()).toContain("presumed on");
    const unclear = discoveryOn({ discovery: { state: "unknown", why: "the YAML does not parse" } });
    expect(decideOne({ config: unclear }).warnings.join()).toContain("does not parse");
    expect(decideOne({ config: null }).warnings).toEqual([]);
  });

  it("warns that the proof of a restart waits when its revisions cannot be read", () => {
    const over = { pods: [pod({ age: MINUTE })], ...restarted(MINUTE, null) };
    expect(decideOne({ ...over, revisions: unread(FORBIDDEN) }).warnings.join()).toContain(FORBIDDEN.message);
    expect(decideOne({ ...over, revisions: read([]) }).warnings).toEqual([]);
  });

  it("counts the refusals of all pods and their rate", () => {
    const log = refusedLog();
    const { rejections } = decideOne({ pods: [pod({ log }), pod({ name: "b", log }), pod({ name: "c" })] });
    expect(rejections).toEqual({ lines: 6, pods: 2, perHour: 180, lastAt: NOW - 10 * SECOND, covered: true });
  });

  const log = (...ages: number[]) =>
    quietLog({
      lines: ages.map((age) => ({ at: NOW - age * SECOND, failure: "unauthorized", subsystem: "http", pid: 57 })),
    });
  it.each<[string, GatewayOver, Partial<Decision["rejections"]>]>([
    ["none", {}, { lines: 0, pods: 0, perHour: 0, lastAt: null }],
    ["a single one counts as one per retry", { pods: [pod({ log: log(50) })] }, { lines: 1, pods: 1, perHour: 90 }],
    ["two of one moment as well", { pods: [pod({ log: log(50, 50) })] }, { lines: 2, perHour: 90 }],
    ["three in 100 s are 72 an hour", { pods: [pod({ log: log(120, 80, 20) })] }, { lines: 3, perHour: 72 }],
    [
      "the newest of all pods",
      { pods: [pod({ log: log(90, 50) }), pod({ name: "b", log: log(80, 20) }), pod({ name: "c", log: log(70, 30) })] },
      { pods: 3, lastAt: NOW - 20 * SECOND },
    ],
  ])("counts refusals: %s", (_case, over, rejections) => {
    expect(decideOne(over).rejections).toMatchObject(rejections);
  });

  const LOUD = pod({ name: "loud", log: quietLog({ capped: true }) });
  const UNASKED = pod({ name: "unasked", log: null });
  it.each<[string, GatewayOver, boolean | null]>([
    ["all of them", { pods: [pod(), pod({ name: "b" })] }, true],
    ["not all of them", { pods: [pod(), LOUD] }, false],
    ["not all, as one was not asked for", { pods: [pod(), UNASKED] }, false],
    ["none was asked for", { pods: [UNASKED] }, null],
  ])("says whether the logs cover their window: %s", (_case, over, covered) => {
    expect(decideOne(over).rejections.covered).toBe(covered);
  });

  it.each<[string, GatewayOver, number | null]>([
    ["with its oldest token", { pods: [pod(), pod({ name: "b", age: 30 * DAY })] }, NOW + 30 * DAY],
    ["never by age where no age is known", { pods: [pod({ token: { kind: "static" } })] }, null],
    ["never by age where no token ages", { pods: [pod({ image: "apache/apisix:3.16.0" })] }, null],
  ])("says when it becomes due: %s", (_case, over, dueAt) => {
    expect(decideOne(over).dueAt).toBe(dueAt);
  });

  it.each<[string, GatewayOver, string | null]>([
    [
      "of a pod of known age before others",
      { pods: [pod({ token: { kind: "static" } }), pod({ name: "b" })] },
      "projected",
    ],
    ["of the first pod where no age is known", { pods: [pod({ token: { kind: "static" } })] }, "static"],
    ["of no pod where none runs", { pods: [pendingPod()] }, null],
  ])("shows the token %s", (_case, over, source) => {
    expect(decideOne(over).token?.source ?? null).toBe(source);
  });

  it("lists every pod with its token and its refusals", () => {
    const pods = [pod({ name: "a", log: refusedLog() }), pendingPod({ name: "b" })];
    expect(decideOne({ pods }).pods).toMatchObject([
      { name: "a", startedAt: NOW - DAY, token: { source: "projected" }, rejections: { lines: 3 } },
      { name: "b", startedAt: null, token: { lifetime: null }, rejections: { lines: 0 } },
    ]);
  });

  it("speaks of the token that may be refused first", () => {
    const decision = decideOne({ pods: [pod({ age: DAY }), pod({ name: "old", age: 30 * DAY })] });
    expect(decision.deadline).toBe(NOW - 30 * DAY + 90 * DAY);
    expect(decision.token?.lifetime).toEqual({ millis: 90 * DAY, from: "eks" });
  });
});

describe("what is done about a verdict", () => {
  it.each<[Decision["verdict"], GatewayOver, Decision["action"], boolean]>([
    ["unknown", { pods: [pendingPod()] }, "alert", false],
    ["unfixable", { pods: [pod({ age: HOUR, log: refusedLog() })] }, "alert", false],
    ["rejected", { pods: [REFUSED_OLD] }, "restart", true],
    ["unaffected", { pods: [], figures: { desired: 0 } }, "none", false],
    ["expiring", { pods: [pod({ age: 81 * DAY })] }, "restart", true],
    ["due", { pods: [pod({ age: 61 * DAY })] }, "restart", false],
    ["verifying", { pods: [pod({ age: MINUTE })], ...restarted(MINUTE, null) }, "wait", false],
    ["healthy", {}, "none", false],
  ])("%s", (verdict, over, action, urgent) => {
    expect(decideOne(over)).toMatchObject({ verdict, action, urgent });
  });

  it("gives the version of the image in the template", () => {
    expect(decideOne(image("registry.example/mirror/apisix:3.2.2-debian")).version).toBe("3.2.2");
    expect(decideOne(image("apache/apisix:latest")).version).toBeNull();
  });
});
