import { describe, expect, it } from "vitest";
import { CLAIM_REASON } from "../../src/decide/in-flight.ts";
import { planCluster } from "../../src/decide/plan.ts";
import type { OutcomeResult } from "../../src/model/last-restart.ts";
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

/** What a person reads: every message in full, so that none changes by accident. */
const decisionOn = (over: GatewayOver, rest = settings()) => {
  const [decision] = planCluster(cluster([gateway(over)]), rest).decisions;
  if (decision === undefined) throw new Error("a gateway got lost");
  return decision;
};

const FAILURE = unread({ code: "Forbidden", what: "list pods", message: "The guard may not list pods." });
const last = (ago: number, result: OutcomeResult | null) => ({
  workload: { lastRestart: { state: "known" as const, at: NOW - ago, reason: "TokenRefused", result, lifetime: null } },
  template: { restartedAt: isoSeconds(NOW - ago) },
});
const old = (over = {}) => pod({ age: 61 * DAY, ...over });
const refused = (over = {}) => old({ log: refusedLog(), ...over });
const twoClusters = discoveryOn({
  discovery: { state: "on", clusters: [{ token: { kind: "static" } }, { token: { kind: "static" } }] },
});

const FINDINGS: readonly (readonly [string, GatewayOver])[] = [
  ["PodsUnreadable", { pods: FAILURE }],
  ["NoApisixContainer", { template: { container: null } }],
  ["NoPodRunning", { pods: [pendingPod(), pendingPod({ name: "b" })] }],
  ["StartedInFuture", { pods: [pod({ age: -HOUR })] }],
  ["LifetimeTooShort", { pods: [pod({ token: projected(3_600) })] }],
  ["RefusedWhenNew", { pods: [pod({ age: 2 * HOUR, log: refusedLog() })] }],
  ["RestartDidNotHelp", { pods: [pod({ age: 13 * HOUR, log: refusedLog() })], ...last(13 * HOUR, "refused") }],
  ["VersionRereadsToken", { pods: [refused({ image: "apache/apisix:3.16.0" })] }],
  [
    "TokenFileUnreadable",
    {
      pods: [
        refused({
          log: refusedLog({
            lines: [...refusedLog().lines, { at: NOW - SECOND, failure: "token-file", subsystem: "http", pid: 57 }],
          }),
        }),
      ],
    },
  ],
  ["TokenIsStatic", { pods: [refused({ token: { kind: "static" } })] }],
  ["RemoteClusterRefused", { pods: [refused()], config: twoClusters }],
  ["TokenRefused", { pods: ["a", "b", "c", "d", "e"].map((name) => refused({ name })) }],
  [
    "TokenRefused, not by all",
    {
      pods: [
        refused({ name: "a", log: refusedLog({ lines: refusedLog().lines.slice(0, 2) }) }),
        refused({ name: "b" }),
        old({ name: "c" }),
      ],
    },
  ],
  ["ScaledToZero", { pods: [], figures: { desired: 0 } }],
  ["VersionNotAffected", { pods: [pod({ image: "apache/apisix:3.16.0" })] }],
  ["VersionNotAffected, old", { pods: [pod({ image: "apache/apisix:2.10.0" })], config: null }],
  ["VersionNotAffected, presumed", { pods: [pod({ image: "apache/apisix:3.16.0" })], config: FAILURE }],
  ["DiscoveryOff", { config: discoveryOn({ discovery: { state: "off" } }) }],
  ["NearDeadline", { pods: [pod({ age: 81 * DAY })] }],
  ["NearDeadline, reached", { pods: [pod({ age: 90 * DAY })] }],
  ["NearDeadline, past", { pods: [pod({ age: 91 * DAY })] }],
  ["RestartIntervalReached", { pods: [old()] }],
  [
    "RestartIntervalReached, by a token issued before the container started",
    { pods: [pod({ age: 62 * DAY - 30 * MINUTE, startTime: NOW - 62 * DAY })] },
  ],
  ["RestartIntervalReached, one of two", { pods: [old(), pod({ name: "b", age: 62 * DAY })] }],
  ["LogsUnreadable", { pods: [pod({ log: FAILURE }), pod({ name: "b", log: FAILURE })] }],
  ["LogsNotCovered", { pods: [pod({ log: quietLog({ capped: true }) })] }],
  ["AwaitingProof", { pods: [pod({ age: MINUTE })], ...last(MINUTE, null) }],
  ["TokenYoung", {}],
  ["TokenYoung, of two", { pods: [pod(), pod({ name: "b", age: 2 * DAY }), pod({ name: "c" })] }],
  ["AgeNotKnowable, static", { pods: [pod({ token: { kind: "static" } })] }],
  ["AgeNotKnowable, file", { pods: [pod({ token: { kind: "file" } })] }],
  ["AgeNotKnowable, unknown", { pods: [pod({ token: { kind: "unknown", why: "No volume holds it." } })] }],
  [
    "AgeNotKnowable, static beside a version that does not age",
    { pods: [pod({ image: "apache/apisix:3.16.0" }), pod({ name: "b", token: { kind: "static" } })] },
  ],
  ["AgeNotKnowable, other product", { pods: [pod({ image: "api7/api7-ee-3-gateway:3.10.5" })] }],
];

describe("what is said about a gateway", () => {
  it("names the finding, its numbers and what to do", () => {
    const said = FINDINGS.map(([reason, over]) => {
      const decision = decisionOn(over);
      expect(reason.startsWith(decision.reason), `${reason} is ${decision.reason}`).toBe(true);
      return `${reason}: ${decision.message}`;
    });
    expect(`\n${said.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      PodsUnreadable: Its pods could not be read: The guard may not list pods.
      NoApisixContainer: No container of the pod template looks like APISIX (image …/apisix or api7-ee-3-gateway, or named apisix or gateway). If this is no gateway, narrow gateways.selector.
      NoPodRunning: 2 replicas are wanted and none of its 2 pods runs APISIX. Look at the pods first.
      StartedInFuture: The container of pod apisix-5d9c7-a started later than the API server's clock says it is now: check the time on the nodes.
      LifetimeTooShort: Its token lives 1 h, too short for any schedule of restarts. Upgrade APISIX to 3.13.0 or later (chart 2.11.0 or later), which reads the token anew for every request. Or remove the explicit expirationSeconds of the token volume: only the injected 3607 is extended by the API server.
      RefusedWhenNew: The token of pod apisix-5d9c7-a is refused although the pod is younger than 12 h: a new token is refused as well. Check that the ServiceAccount still exists, the token's audience, and the clocks.
      RestartDidNotHelp: It was restarted at 2026-06-09T23:00:00Z and its new pods were refused as well. Check that the ServiceAccount still exists, the token's audience, and the clocks.
      VersionRereadsToken: The token of pod apisix-5d9c7-a is refused although this version reads it anew for every request, so age is not the cause. Check the token file, that the ServiceAccount still exists, and the token's audience.
      TokenFileUnreadable: APISIX in pod apisix-5d9c7-a logs that it cannot read the token file: mend the volume or the path in discovery.kubernetes.
      TokenIsStatic: The refused token of pod apisix-5d9c7-a comes from the configuration, an environment variable or a file that Kubernetes does not renew: put a new token there, then run refresh.
      RemoteClusterRefused: A token of pod apisix-5d9c7-a is refused, service discovery reads 2 clusters, and the token of this one has not reached its deadline: it is probably another cluster's. The log does not say which. Renew the tokens of the remote clusters.
      TokenRefused: The API server refuses the token of 5 of 5 pods (pods a, b and 3 more): 15 refusals in the last two minutes, the newest 10 s ago. Its endpoints are frozen at what it last saw.
      TokenRefused, not by all: The API server refuses the token of 2 of 3 pods (pods a and b): 5 refusals in the last two minutes, the newest 10 s ago. Its endpoints are frozen at what it last saw.
      ScaledToZero: It is scaled to zero: no token is in use.
      VersionNotAffected: This version reads the token file anew for every request (APISIX 3.13.0 and later).
      VersionNotAffected, old: This version has no Kubernetes service discovery (it came with 2.13.0).
      VersionNotAffected, presumed: This version reads the token file anew for every request (APISIX 3.13.0 and later). Its ConfigMap could not be read: the default token file is presumed.
      DiscoveryOff: Kubernetes service discovery is off in its ConfigMap, which is older than every container.
      NearDeadline: Its oldest token may be refused in 9 d (2026-06-19T12:00:00Z).
      NearDeadline, reached: Its oldest token has been past its earliest deadline for 0 s; no refusal has been seen yet, and one can take 47 minutes to show.
      NearDeadline, past: Its oldest token has been past its earliest deadline for 1 d; no refusal has been seen yet, and one can take 47 minutes to show.
      RestartIntervalReached: Its oldest token is 61 d old and may be refused in 29 d (2026-07-09T12:00:00Z).
      RestartIntervalReached, by a token issued before the container started: Its oldest token is 62 d old and may be refused in 28 d (2026-07-08T12:00:00Z).
      RestartIntervalReached, one of two: Its oldest token is 62 d old and may be refused in 28 d (2026-07-08T12:00:00Z).
      LogsUnreadable: The log of pods apisix-5d9c7-a and b could not be read, so a refusal could hide there: The guard may not list pods.
      LogsNotCovered: The log of pod apisix-5d9c7-a does not reach back two minutes, so a refusal could hide there. The kubelet serves only the current file: raise containerLogMaxSize, or move the access log out of the container's output.
      AwaitingProof: It was restarted at 2026-06-10T11:59:00Z; the proof that its new token is accepted is still to come.
      TokenYoung: Its oldest token may be refused in 89 d at the earliest; it is due for a restart in 59 d (2026-08-08T12:00:00Z).
      TokenYoung, of two: Its oldest token may be refused in 88 d at the earliest; it is due for a restart in 58 d (2026-08-07T12:00:00Z).
      AgeNotKnowable, static: Its token stands in the configuration or an environment variable. Its age is not knowable; refusals in the log are watched.
      AgeNotKnowable, file: Its token comes from a file that Kubernetes does not renew. Its age is not knowable; refusals in the log are watched.
      AgeNotKnowable, unknown: No volume holds it. Its age is not knowable; refusals in the log are watched.
      AgeNotKnowable, static beside a version that does not age: Its token stands in the configuration or an environment variable. Its age is not knowable; refusals in the log are watched.
      AgeNotKnowable, other product: This version numbers differently from Apache APISIX, so what it does with its token is not known. Its age is not knowable; refusals in the log are watched.
      "
    `);
  });

  it("names when clipped lead times leave no room for a window", () => {
    const said = [16, 22].map(
      (hours) => decisionOn({ pods: [pod({ age: hours * HOUR })] }, settings({}, { tokenLifetime: DAY })).message,
    );
    expect(`\n${said.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      Its oldest token is 16 h old and may be refused in 8 h (2026-06-10T20:00:00Z). Lead times are clipped to a third and a ninth of its lifetime. No maintenance window can hold a restart back that long.
      Its oldest token may be refused in 2 h (2026-06-10T14:00:00Z). Lead times are clipped to a third and a ninth of its lifetime. No maintenance window can hold a restart back that long.
      "
    `);
  });

  it("names that lead times are clipped where a window may still hold the restart back", () => {
    const short = settings({}, { tokenLifetime: 9 * DAY });
    expect(decisionOn({ pods: [pod({ age: 6 * DAY })] }, short).message).toMatchInlineSnapshot(
      `"Its oldest token is 6 d old and may be refused in 3 d (2026-06-13T12:00:00Z). Lead times are clipped to a third and a ninth of its lifetime."`,
    );
  });

  it("names a window of a day as one that may", () => {
    const rest = settings({}, { tokenLifetime: 4.5 * DAY });
    expect(decisionOn({ pods: [pod({ age: 3 * DAY })] }, rest).message).not.toContain("No maintenance window");
  });

  it("names one, two and three pods, and of more how many", () => {
    const said = [1, 2, 3, 4].map((count) => {
      const pods = ["a", "b", "c", "d"].slice(0, count).map((name) => pod({ name, log: quietLog({ capped: true }) }));
      return decisionOn({ pods }).message.split(" does not")[0];
    });
    expect(said).toEqual([
      "The log of pod a",
      "The log of pods a and b",
      "The log of pods a, b and c",
      "The log of pods a, b and 2 more",
    ]);
  });

  it("warns of what could not be read", () => {
    const said = [
      decisionOn({ workload: { lastRestart: { state: "unreadable", why: "It is not a JSON object." } } }),
      decisionOn({ config: FAILURE }),
      decisionOn({ config: discoveryOn({ discovery: { state: "unknown", why: "The YAML does not parse." } }) }),
      decisionOn({ ...last(MINUTE, null), revisions: FAILURE }),
    ].flatMap(({ warnings }) => warnings);
    expect(`\n${said.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      Its annotation apisix-token-guard/last-restart cannot be read: It is not a JSON object.
      Its configuration could not be read, service discovery is presumed on: The guard may not list pods.
      Its configuration is not clear, service discovery is presumed on: The YAML does not parse.
      Whether its pods are of the restarted template could not be read, so its proof waits: The guard may not list pods.
      "
    `);
  });
});

const WINDOW = { days: ["sat" as const], from: "01:00", to: "05:00", timeZone: "UTC" };
const FREEZE = { from: "2026-06-09", to: "2026-06-11", timeZone: "UTC" };
const neighbour = (result: "refused" | null) =>
  gateway({ workload: { name: "other", ...last(MINUTE, result).workload } });

describe("what is said about what holds a restart back", () => {
  it("names who else may be restarting something", () => {
    const claim = (ago: number) => ({ lastRestart: { ...last(ago, null).workload.lastRestart, reason: CLAIM_REASON } });
    const claimed = claim(SECOND);
    const garbled = { lastRestart: { state: "unreadable" as const, why: "?" } };
    const said = [
      cluster([gateway({ pods: [old()], workload: claim(MINUTE - SECOND) })]),
      cluster([gateway({ pods: [old()], workload: claim(MINUTE) })]),
      cluster([gateway({ pods: [old()] }), gateway({ workload: { name: "other", ...claimed } })]),
      cluster([
        gateway({ pods: [old()] }),
        gateway({ ...last(MINUTE, null), workload: { name: "other", ...garbled }, figures: { updated: 0 } }),
      ]),
      cluster([gateway({ pods: [old()] })], { unreadKinds: [FAILURE.failure] }),
    ].flatMap((observation) => planCluster(observation, settings()).decisions.flatMap(({ blockers }) => blockers));
    expect(`\n${said.map(({ message }) => message).join("\n")}\n`).toMatchInlineSnapshot(`
      "
      Another run of the guard is about to restart it.
      A run of the guard that was about to restart it was stopped; that is noted first.
      apisix/Deployment/other is about to be restarted by another run of the guard.
      apisix/Deployment/other is not complete, was restarted in the last day, and whether by the guard cannot be read.
      Whether another gateway is being restarted is not known: The guard may not list pods.
      "
    `);
  });

  it("names when no window opens any more, as far as anybody looks", () => {
    const observation = cluster([gateway({ pods: [old()] })]);
    const plan = planCluster(observation, settings({ windows: [WINDOW] }), Date.parse("9999-06-10T12:00:00Z"));
    expect(plan.decisions[0]?.blockers).toEqual([
      { reason: "OutsideWindow", message: "No window opens again.", waived: true },
    ]);
  });

  it("names every blocker with its numbers", () => {
    const rest = settings({ windows: [WINDOW], freeze: [FREEZE], allowRisky: ["latest"] }, { mode: "check" });
    const over: GatewayOver = {
      pods: [old()],
      workload: { optedOut: true, lastRestart: { ...last(MINUTE, null).workload.lastRestart, result: "cured" } },
      figures: { paused: true, generation: 2, desired: 3, available: 2, strategy: "Recreate", partition: 1 },
      template: { container: { name: "apisix", image: "apache/apisix:latest" } },
      config: discoveryOn({ changedAt: NOW - DAY, apiDrivenStandalone: true }),
      mayDiscover: read("denied"),
    };
    const plan = planCluster(
      cluster([
        gateway(over),
        neighbour(null),
        gateway({ workload: { name: "sick", ...last(HOUR, "refused").workload } }),
      ]),
      rest,
    );
    const all = plan.decisions.find(({ gateway: { name } }) => name === "apisix")?.blockers ?? [];
    const more = [
      decisionOn({ pods: [old()], figures: { total: 2, deadlineExceeded: true } }),
      decisionOn({ pods: [old()], figures: { strategy: "OnDelete" } }),
      decisionOn({ pods: [old()], mayDiscover: read("no-account") }),
      decisionOn({ pods: [old()], mayDiscover: FAILURE }),
      decisionOn({ pods: [old(), old({ name: "b", revision: "b" })] }),
      decisionOn({ pods: [old()], figures: { total: 2 } }),
      decisionOn({ pods: [old()], workload: { kind: "DaemonSet" }, figures: { updated: 0 } }),
      decisionOn({ pods: [old({ readyChangedAt: NOW })], workload: { kind: "DaemonSet" }, figures: { updated: 0 } }),
      decisionOn({
        pods: [old()],
        workload: { kind: "StatefulSet" },
        figures: { currentRevision: "a", updateRevision: "b", desired: 2, updated: 1 },
      }),
      decisionOn({
        pods: [old({ readyChangedAt: NOW })],
        workload: { kind: "StatefulSet" },
        figures: { currentRevision: "a", updateRevision: "b", desired: 3, updated: 1, available: 3, partition: 1 },
      }),
      ...(["failed", "refused", "reverted", "unproven"] as const).map((result) =>
        decisionOn({ pods: [old()], ...last(2 * HOUR, result) }),
      ),
      decisionOn({ pods: [old()], ...last(3 * DAY, "unproven"), figures: { strategy: "OnDelete" } }),
    ].flatMap(({ blockers }) => blockers);
    const said = [...all, ...more].map(({ reason, message }) => `${reason}: ${message}`);
    expect(`\n${said.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      Paused: The Deployment is paused: a restart would not roll. Run kubectl rollout resume.
      OptedOut: It carries the annotation apisix-token-guard/skip.
      CheckOnly: The mode of this cluster is check: nothing is restarted in it.
      RolloutInProgress: A rollout is under way: The controller has not seen the newest template yet.
      NotFullyAvailable: 2 of 3 pods are available; its strategy allows 1 to be missing.
      RiskyRestart: The strategy is Recreate: all pods stop before a new one starts. Allow it with policy.allowRisky: [recreate].
      RiskyRestart: The StatefulSet has partition 1: pods below it keep their token. Allow it with policy.allowRisky: [partition].
      RiskyRestart: Its ConfigMap is newer than a running container: a restart would put that change into service. Allow it with policy.allowRisky: [configChanged].
      RiskyRestart: It runs API-driven standalone: a new pod has no routes until the controller pushes them. Allow it with policy.allowRisky: [standalone].
      RiskyRestart: Its image tag may have moved: a restart could start another version. Allowed by policy.allowRisky.
      OutsideWindow: The next window opens at 2026-06-13T01:00:00Z.
      Frozen: A freeze holds until 2026-06-12T00:00:00Z.
      Cooldown: It was restarted at 2026-06-10T11:59:00Z; the next restart may follow in 59 min.
      LastRestartFailed: It was restarted at 2026-06-10T11:59:00Z and its update strategy kept pod apisix-5d9c7-a. Another restart would keep the same: only kubectl delete pod replaces them.
      OneAtATime: apisix/Deployment/other was restarted and its result is not known yet.
      CanaryNotCured: apisix/Deployment/sick was restarted in the last day and is refused or failed. Look at it first; refresh still acts.
      DiscoveryForbidden: ServiceAccount apisix/default may not list endpoints: its new pods would start without any upstream nodes. Mend its RBAC first.
      RolloutFailed: The Deployment reports ProgressDeadlineExceeded: its new pods do not become Ready. Mend or roll back that rollout first.
      RiskyRestart: The update strategy is OnDelete: pods keep their token until somebody deletes them. Allow it with policy.allowRisky: [onDelete].
      DiscoveryForbidden: ServiceAccount apisix/default does not exist: no new pod would be admitted. Create it again first.
      DiscoveryForbidden: ServiceAccount apisix/default could not be checked: The guard may not list pods.
      RolloutInProgress: A rollout is under way: Its pods are of 2 templates.
      RolloutInProgress: A rollout is under way: 1 of 2 pods are of the newest template.
      RolloutFailed: A rollout is under way and no pod became Ready for 60 d 23 h. Mend or roll back that rollout first.
      RolloutInProgress: A rollout is under way: 0 of 1 pods are of the newest template.
      RolloutFailed: A rollout is under way and no pod became Ready for 60 d 23 h. Mend or roll back that rollout first.
      NotFullyAvailable: 1 of 2 pods are available; its strategy allows 1 to be missing.
      RolloutInProgress: A rollout is under way: 1 of 2 pods are of the newest template.
      RiskyRestart: The StatefulSet has partition 1: pods below it keep their token. Allow it with policy.allowRisky: [partition].
      LastRestartFailed: It was restarted at 2026-06-10T10:00:00Z and that ended failed. Look at its new pods first; refresh still acts.
      LastRestartFailed: It was restarted at 2026-06-10T10:00:00Z and that ended refused. Look at the ServiceAccount, the token's audience and the clocks first; refresh still acts.
      LastRestartFailed: It was restarted at 2026-06-10T10:00:00Z and that ended reverted. Let whoever owns its pod template leave restartedAt alone first; refresh still acts.
      LastRestartFailed: It was restarted at 2026-06-10T10:00:00Z and that ended unproven. Look at its pods and their logs first; refresh still acts.
      RiskyRestart: The update strategy is OnDelete: pods keep their token until somebody deletes them. Allow it with policy.allowRisky: [onDelete].
      LastRestartFailed: It was restarted at 2026-06-07T12:00:00Z and its update strategy kept pod apisix-5d9c7-a. Another restart would keep the same: only kubectl delete pod replaces them.
      "
    `);
  });
});

describe("what is said about a restart that has ended", () => {
  const note = (reason: string) => ({
    workload: { lastRestart: { state: "known" as const, at: NOW - 5 * MINUTE, reason, result: null, lifetime: null } },
    template: { restartedAt: isoSeconds(NOW - 5 * MINUTE) },
    revisions: read([{ hash: "5d9c7", restartedAt: isoSeconds(NOW - 5 * MINUTE) }]),
  });
  const minutesOld = (over = {}) => pod({ age: 4 * MINUTE + 50 * SECOND, ...over });

  it("names the result and what it rests on", () => {
    const said = [
      decisionOn({ ...note("RestartIntervalReached"), pods: [minutesOld()] }),
      decisionOn({ ...note("TokenRefused"), pods: [minutesOld()] }),
      decisionOn({ ...note("TokenRefused"), pods: [minutesOld({ log: refusedLog() })] }),
      decisionOn({
        ...note("TokenRefused"),
        pods: [minutesOld({ age: 300 * SECOND, log: quietLog({ capped: true }) })],
      }),
      decisionOn({ ...note("TokenRefused"), pods: [old({ revision: "old" })], template: { restartedAt: null } }),
      decisionOn({ ...note("TokenRefused"), pods: [minutesOld()], figures: { total: 2, deadlineExceeded: true } }),
      decisionOn({ ...note("TokenRefused"), pods: [], figures: { desired: 0 } }),
      decisionOn({ ...note(CLAIM_REASON), pods: [old()] }),
    ].map(({ restart }) =>
      restart.state === "ended" ? `${restart.outcome.result}: ${restart.outcome.message}` : restart.state,
    );
    expect(`\n${said.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      renewed: Every pod was replaced since 2026-06-10T11:55:00Z and is available.
      cured: The logs of all 1 new pods hold no refusal.
      refused: The new pods are refused as well: their token is not too old, it is not accepted at all.
      unproven: Every pod is new, and the logs that would prove the cure could not be read in full.
      reverted: Another manager of the workload removed restartedAt from its template before all pods were new.
      failed: The Deployment reports ProgressDeadlineExceeded: its new pods do not become Ready. 1 of 1 pods are available.
      unproven: It was scaled to zero: no pod is left to prove anything.
      deferred: The run of the guard that was about to restart it was stopped before it did.
      "
    `);
  });
});
