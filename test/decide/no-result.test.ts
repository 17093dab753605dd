import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/decide/facts.ts";
import { noResult } from "../../src/decide/no-result.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import { cluster, type GatewayOver, gateway, NOW, pod, settings } from "../support/gateways.ts";

const FAILURE = unread({ code: "Timeout", what: "list pods", message: "No answer in time." });
const MISSING = { desired: 2, available: 1 };

const UNREAD = "unproven: Its pods, or the revisions they are of, could not be read.";
const LEFT = "unproven: Its rollout is over, and it has left pods that are not new.";
const ABSENT = "failed: Its rollout is over, and 1 of 2 pods are available.";

/** The only pod: made a day ago unless another moment is given, and Ready since then. */
const only = (moments: { createdAt?: number | null; readyChangedAt?: number | null } = {}) => [
  pod({ age: DAY, readyChangedAt: NOW - DAY, ...moments }),
];

describe("a restart that has shown no result", () => {
  it.each<[string, number, GatewayOver, string | null]>([
    ["its rollout is under way", 2 * HOUR, { figures: { generation: 2 } }, null],
    ["its rollout has failed", 2 * HOUR, { figures: { total: 2, deadlineExceeded: true } }, null],
    ["for not quite an hour", HOUR - SECOND, {}, null],
    ["for an hour, and old pods are left", HOUR, { revisions: read([]) }, LEFT],
    ["for an hour without its pods", HOUR, { pods: FAILURE, revisions: read([]) }, UNREAD],
    ["for an hour without its revisions", HOUR, { revisions: FAILURE }, UNREAD],
    ["for an hour, and nobody asked for its revisions", HOUR, {}, UNREAD],
    ["a pod has been missing for 10 min", 10 * MINUTE, { figures: MISSING, pods: only() }, null],
    ["a pod has been missing for longer", 10 * MINUTE + SECOND, { figures: MISSING, pods: only() }, ABSENT],
    [
      "a pod was made 10 min ago",
      30 * MINUTE,
      { figures: MISSING, pods: only({ createdAt: NOW - 10 * MINUTE }) },
      null,
    ],
    [
      "a pod was made before that",
      30 * MINUTE,
      { figures: MISSING, pods: only({ createdAt: NOW - 10 * MINUTE - SECOND }) },
      ABSENT,
    ],
    [
      "a pod became or ceased to be Ready 10 min ago",
      30 * MINUTE,
      { figures: MISSING, pods: only({ readyChangedAt: NOW - 10 * MINUTE }) },
      null,
    ],
    [
      "nothing is known of the times of its pods",
      30 * MINUTE,
      { figures: MISSING, pods: only({ createdAt: null, readyChangedAt: null }) },
      ABSENT,
    ],
    [
      "pods come and go for an hour",
      HOUR,
      { figures: MISSING, pods: only({ createdAt: NOW, readyChangedAt: NOW }) },
      ABSENT,
    ],
  ])("%s", (_case, orderedAgo, over, said) => {
    const observed = gateway(over);
    const facts = factsOf(observed, cluster([observed]), settings(), NOW);
    const given = noResult(facts, NOW - orderedAgo);
    expect(given && `${given.result}: ${given.message}`).toBe(said);
  });
});
