import { DAY, HOUR, SECOND } from "../../src/model/time.ts";
import { crowdIn, editConfig, restartContainers } from "../support/check/changes.ts";
import {
  due,
  expiring,
  healthy,
  rejected,
  unaffected,
  unfixable,
  unknown,
  verifying,
} from "../support/check/expected.ts";
import {
  forgedByClient,
  otherFailures,
  refused,
  refusedBeforeItsRestart,
  refusedForOneMoment,
  refusedUntilRecently,
  rotated,
} from "../support/check/gateway-logs.ts";
import {
  DIGEST_ONLY,
  DISCOVERY_OFF,
  ownTokenVolume,
  restartedByGuard,
  STATIC_TOKEN,
  TWO_CLUSTERS,
} from "../support/check/gateways.ts";
import { checkRows } from "../support/check/rows.ts";
import { describeCluster } from "../support/control-plane/suite.ts";

describeCluster("the verdict of check", ({ cluster }) => {
  checkRows(cluster, {
    "by the age of the token": [
      ["a day old", {}, healthy()],
      ["59 days old", { age: 59 * DAY }, healthy()],
      ["61 days old", { age: 61 * DAY }, due()],
      ["one old pod among young ones", { replicas: 3, age: [DAY, 61 * DAY, DAY] }, due()],
      [
        "old pods whose containers were restarted yesterday",
        { age: 61 * DAY, change: restartContainers(DAY) },
        healthy(),
      ],
      ["an image that tells no version, old", { age: 61 * DAY, image: DIGEST_ONLY }, due()],
      ["a DaemonSet on three nodes", { kind: "DaemonSet", age: 61 * DAY }, due()],
      ["a StatefulSet", { kind: "StatefulSet", age: 61 * DAY }, due()],
      ["among 5,000 pods of others", { age: 61 * DAY, change: crowdIn(5_000) }, due()],
    ],
    "by refusals in the log": [
      ["young pods, refused", { age: DAY, log: refused }, rejected({ rejections: 6 })],
      ["one pod of three", { replicas: 3, log: [refused] }, rejected({ rejections: 3, says: /of 1 of 3 pods/ })],
      ["a DaemonSet", { kind: "DaemonSet", log: refused }, rejected({ rejections: 9 })],
      ["pods created 2 h ago", { age: 2 * HOUR, log: refused }, unfixable("RefusedWhenNew")],
      ["pods created 6 h ago", { age: 6 * HOUR, log: refused }, unfixable("RefusedWhenNew")],
      ["pods created 13 h ago", { age: 13 * HOUR, log: refused }, rejected()],
      [
        "in the log of the container before only",
        { age: 61 * DAY, change: restartContainers(HOUR), log: refusedBeforeItsRestart },
        healthy({ rejections: 0 }),
      ],
      ["403, 410, ReadBodyError and failed connections", { log: otherFailures }, healthy({ rejections: 0 })],
      ["forged by a client", { log: forgedByClient }, healthy({ rejections: 0 })],
      [
        "two within one second, of the stream and the http informer",
        { log: refusedForOneMoment },
        healthy({ rejections: 4 }),
      ],
      ["the newest older than 75 s", { log: refusedUntilRecently }, healthy({ rejections: 4 })],
      ["a loud log that was rotated", { log: rotated }, unknown("LogsNotCovered")],
      ["the same at day 61", { age: 61 * DAY, log: rotated }, due()],
    ],
    "by what a restart would change": [
      ["3.16, old", { age: 61 * DAY, image: "apache/apisix:3.16.0-ubuntu" }, unaffected("VersionNotAffected")],
      [
        "3.16, refused",
        { age: 61 * DAY, image: "apache/apisix:3.16.0-ubuntu", log: refused },
        unfixable("VersionRereadsToken"),
      ],
      ["discovery off in an old ConfigMap", { age: 61 * DAY, config: DISCOVERY_OFF }, unaffected("DiscoveryOff")],
      [
        "discovery off in a ConfigMap that is younger than the pods",
        { age: 61 * DAY, config: DISCOVERY_OFF, configAge: 60 * DAY },
        due({ blockers: ["RiskyRestart"] }),
      ],
      [
        "refused although the ConfigMap, edited later, says off",
        { age: 61 * DAY, log: refused, change: editConfig(DISCOVERY_OFF) },
        rejected({ blockers: ["RiskyRestart"], says: /ConfigMap is newer/ }),
      ],
      ["a static token, refused", { age: 61 * DAY, config: STATIC_TOKEN, log: refused }, unfixable("TokenIsStatic")],
      [
        "a static token, not refused",
        { age: 400 * DAY, configAge: 401 * DAY, config: STATIC_TOKEN },
        { ...healthy(), reason: "AgeNotKnowable" },
      ],
      [
        "two clusters, and one of them refuses a token that is not old",
        { age: 13 * HOUR, config: TWO_CLUSTERS, log: refused },
        unfixable("RemoteClusterRefused"),
      ],
      ["scaled to zero", { replicas: 0 }, unaffected("ScaledToZero")],
      [
        "an autoscaler adds a pod that is still being created",
        { replicas: 3, age: [DAY, DAY], stuck: { count: 1, before: "start" } },
        healthy(),
      ],
      [
        "a pod Pending for days, and the others refused",
        {
          replicas: 3,
          age: 5 * DAY,
          stuck: { count: 1, before: "start" },
          log: refused,
          spec: { strategy: { rollingUpdate: { maxUnavailable: 1 } } },
        },
        rejected({ blockers: ["NotFullyAvailable, waived"], says: /of 2 of 2 pods/ }),
      ],
      ["restarted by the guard a minute ago", { age: 60 * SECOND, ...restartedByGuard(60 * SECOND) }, verifying()],
    ],
    "by the lifetime of the token": [
      ["a year, when nothing else is known", { age: 61 * DAY }, due({ lifetime: [365 * DAY, "assumed"] })],
      [
        "a year, of which a third is left",
        { age: 336 * DAY, policy: { restartEvery: 400 * DAY } },
        { ...due(), reason: "DeadlineApproaching" },
      ],
      ["a year, of which nine days are left", { age: 356 * DAY }, expiring()],
      [
        "90 days, configured",
        { age: 81 * DAY, rest: { tokenLifetime: 90 * DAY } },
        expiring({ lifetime: [90 * DAY, "configured"] }),
      ],
      ["24 h, configured, after 15 h", { age: 15 * HOUR, rest: { tokenLifetime: DAY } }, healthy()],
      [
        "24 h, configured, after 17 h",
        { age: 17 * HOUR, rest: { tokenLifetime: DAY } },
        { ...due({ lifetime: [DAY, "configured"], says: /No maintenance window/ }), reason: "DeadlineApproaching" },
      ],
      ["24 h, configured, after 22 h", { age: 22 * HOUR, rest: { tokenLifetime: DAY } }, expiring()],
      [
        "24 h by a volume of its own, after 17 h",
        { age: 17 * HOUR, spec: ownTokenVolume(24 * 3_600) },
        { ...due({ lifetime: [DAY, "projection"] }), reason: "DeadlineApproaching" },
      ],
      [
        "an hour by a volume of its own, which is not extended",
        { spec: ownTokenVolume(3_600) },
        unfixable("LifetimeTooShort", { lifetime: [HOUR, "projection"] }),
      ],
    ],
  });
});
