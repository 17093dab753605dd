import { DAY, HOUR, isoSeconds } from "../../src/model/time.ts";
import { failToRollOut, hangForMinutes, loseServiceAccount, pause, rollOut } from "../support/check/changes.ts";
import { due, rejected } from "../support/check/expected.ts";
import { onlyOfOldContainers, refused } from "../support/check/gateway-logs.ts";
import { restartedByGuard } from "../support/check/gateways.ts";
import { checkRows } from "../support/check/rows.ts";
import { describeCluster } from "../support/control-plane/suite.ts";

const old = 61 * DAY;
const stuck = { before: "ready", count: 1 } as const;

const day = (ahead: number): string => isoSeconds(Date.now() + ahead * DAY).slice(0, 10);
const FROZEN = { freeze: [{ from: day(-1), to: day(1), timeZone: "UTC" }] };

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
const inThreeDays = WEEKDAYS[new Date(Date.now() + 3 * DAY).getUTCDay()] ?? "sun";
const ANOTHER_DAY = { windows: [{ days: [inThreeDays], from: "01:00", to: "02:00", timeZone: "UTC" }] };

describeCluster("what check says of a restart that must wait", ({ cluster }) => {
  checkRows(cluster, {
    "for a rollout": [
      ["of a Deployment", { age: old, change: rollOut }, due({ blockers: ["RolloutInProgress"] })],
      [
        "of a Deployment whose old pods are refused",
        { age: old, log: onlyOfOldContainers(refused), change: rollOut },
        rejected({ blockers: ["RolloutInProgress"] }),
      ],
      [
        "of a DaemonSet",
        { kind: "DaemonSet", age: old, change: rollOut },
        due({ blockers: ["RolloutInProgress", "NotFullyAvailable"] }),
      ],
      [
        "of a StatefulSet",
        { kind: "StatefulSet", age: old, change: rollOut },
        due({ blockers: ["RolloutInProgress", "NotFullyAvailable"] }),
      ],
      ["of a Deployment, failed", { age: old, change: failToRollOut }, due({ blockers: ["RolloutFailed"], exit: 2 })],
      [
        "of a DaemonSet, without progress for eleven minutes",
        { kind: "DaemonSet", age: old, change: hangForMinutes },
        due({ blockers: ["RolloutFailed", "NotFullyAvailable"], exit: 2 }),
      ],
      [
        "of a StatefulSet, without progress for eleven minutes",
        { kind: "StatefulSet", age: old, change: hangForMinutes },
        due({ blockers: ["RolloutFailed", "NotFullyAvailable"], exit: 2 }),
      ],
      ["that is paused", { age: old, change: pause }, due({ blockers: ["Paused"] })],
    ],
    "for missing pods": [
      ["and is routine", { age: old, replicas: 3, stuck }, due({ blockers: ["NotFullyAvailable"] })],
      [
        "and is urgent, where the strategy lets one be missing",
        { age: old, replicas: 4, stuck, log: refused },
        rejected({ blockers: ["NotFullyAvailable, waived"] }),
      ],
      [
        "and is urgent, where the strategy lets none be missing",
        { age: old, replicas: 3, stuck, log: refused },
        rejected({ blockers: ["NotFullyAvailable"] }),
      ],
      [
        "of a DaemonSet on a node that is Ready",
        { kind: "DaemonSet", age: old, stuck },
        due({ blockers: ["NotFullyAvailable"], says: /2 of 3 pods are available/ }),
      ],
    ],
    "for a person": [
      [
        "who opted out",
        { age: old, annotations: { "apisix-token-guard/skip": "true" } },
        due({ blockers: ["OptedOut"] }),
      ],
      ["who lets it check only", { age: old, rest: { mode: "check" } }, due({ blockers: ["CheckOnly"] })],
      [
        "who chose Recreate",
        { age: old, spec: { strategy: { type: "Recreate" } } },
        due({ blockers: ["RiskyRestart"], says: /allowRisky: \[recreate\]/ }),
      ],
      [
        "who chose Recreate and allows it",
        { age: old, spec: { strategy: { type: "Recreate" } }, policy: { allowRisky: ["recreate"] } },
        due({ blockers: ["RiskyRestart, waived"] }),
      ],
      [
        "who chose OnDelete for a DaemonSet",
        { kind: "DaemonSet", age: old, spec: { updateStrategy: { type: "OnDelete" } } },
        due({ blockers: ["RiskyRestart"], says: /allowRisky: \[onDelete\]/ }),
      ],
      [
        "who chose OnDelete for a StatefulSet",
        { kind: "StatefulSet", age: old, spec: { updateStrategy: { type: "OnDelete" } } },
        due({ blockers: ["RiskyRestart"], says: /allowRisky: \[onDelete\]/ }),
      ],
      [
        "who set a partition",
        { kind: "StatefulSet", age: old, spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
        due({ blockers: ["RiskyRestart"], says: /allowRisky: \[partition\]/ }),
      ],
      [
        "who took a tag that moves",
        { age: old, image: "apache/apisix:latest" },
        due({ blockers: ["RiskyRestart"], says: /allowRisky: \[latest\]/ }),
      ],
      [
        "who gives its ServiceAccount the right to list endpoints",
        { age: old, log: refused, mayDiscover: false },
        rejected({ blockers: ["DiscoveryForbidden"], says: /may not list endpoints/ }),
      ],
      [
        "who creates its ServiceAccount again",
        { age: old, log: refused, change: loseServiceAccount },
        rejected({ blockers: ["DiscoveryForbidden"], says: /does not exist/ }),
      ],
    ],
    "for its time": [
      ["outside the window", { age: old, policy: ANOTHER_DAY }, due({ blockers: ["OutsideWindow"] })],
      [
        "outside the window, but urgent",
        { age: old, log: refused, policy: ANOTHER_DAY },
        rejected({ blockers: ["OutsideWindow, waived"] }),
      ],
      ["in a freeze", { age: old, policy: FROZEN }, due({ blockers: ["Frozen"] })],
      [
        "in a freeze, but urgent",
        { age: old, log: refused, policy: FROZEN },
        rejected({ blockers: ["Frozen, waived"] }),
      ],
      [
        "so soon after the last restart",
        {
          age: 13 * HOUR,
          log: refused,
          ...restartedByGuard(13 * HOUR, { result: "cured" }),
          policy: { cooldown: DAY },
        },
        rejected({ blockers: ["Cooldown"] }),
      ],
    ],
  });
});
