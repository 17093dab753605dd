import { describe, expect, it } from "vitest";
import { planCluster } from "../../src/decide/plan.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { GatewayObservation } from "../../src/model/observation.ts";
import { unread } from "../../src/model/read.ts";
import { DAY, HOUR, isoSeconds, MINUTE, type Millis, SECOND } from "../../src/model/time.ts";
import {
  cluster,
  discoveryOn,
  type GatewayOver,
  gateway,
  NOW,
  pod,
  projected,
  refusedLog,
  settings,
} from "../support/gateways.ts";

/** The oldest record of `refusedLog` is so old. */
const FIRST = 90 * SECOND;
/** A watch and the time between two looks. */
const SLACK = 2_799 * SECOND + HOUR;

const refused = (age: Millis, over = {}) => pod({ name: `refused-${age}`, age, log: refusedLog(), ...over });
const named = (name: string, over: GatewayOver = {}) => gateway({ ...over, workload: { name, ...over.workload } });

function decisionOn(gateways: readonly GatewayObservation[], rest = settings(), gitVersion?: string): Decision {
  const observation = cluster(gateways, gitVersion === undefined ? {} : { gitVersion });
  const decision = planCluster(observation, rest).decisions.find((one) => one.gateway.name === "apisix");
  if (decision === undefined) throw new Error("a gateway got lost");
  return decision;
}

const twoClusters = discoveryOn({
  discovery: {
    state: "on",
    clusters: [
      { token: { kind: "file", path: "/var/run/secrets/kubernetes.io/serviceaccount/token" } },
      { token: { kind: "file", path: "/etc/remote/token" } },
    ],
  },
});

describe("what a restart would show of the lifetime, if it cured", () => {
  it.each<[string, GatewayOver, number | null]>([
    ["refused at 24 h, exactly", { pods: [refused(DAY + FIRST)] }, 22],
    ["refused at 24 h, seen as late as may be", { pods: [refused(DAY + FIRST + SLACK)] }, 24],
    ["a second sooner", { pods: [refused(DAY + FIRST + SLACK - SECOND)] }, 23],
    ["the youngest of those refused", { pods: [refused(9 * DAY), refused(30 * HOUR)] }, 28],
    ["12 h old when refused", { pods: [refused(12 * HOUR + FIRST)] }, 12],
    ["12 h, the file is older: nothing shorter than restarts can keep up with", { pods: [refused(13 * HOUR)] }, 12],
    ["a second less than 12 h", { pods: [refused(12 * HOUR + FIRST - SECOND)] }, null],
    ["a container restarted in place", { pods: [refused(HOUR, { createdAt: NOW - 61 * DAY })] }, null],
    ["refused as expected, at 90 days", { pods: [refused(90 * DAY + FIRST)] }, null],
    ["refused a minute before that", { pods: [refused(90 * DAY + FIRST - MINUTE)] }, 90 * 24 - 2],
    ["an image that does not tell its version", { pods: [refused(DAY, { image: "apisix@sha256:ab" })] }, 22],
    ["a product of its own", { pods: [refused(DAY, { image: "api7/api7-ee-3-gateway:3.10.5" })] }, null],
    ["an own projection", { pods: [refused(DAY, { token: projected(604_800) })] }, null],
    ["a token whose source is not known", { pods: [refused(DAY, { token: { kind: "unknown", why: "?" } })] }, null],
    ["several clusters, past the deadline", { pods: [refused(91 * DAY)], config: twoClusters }, null],
    [
      "several clusters, refused before the deadline that has passed now",
      { pods: [refused(90 * DAY + FIRST - MINUTE)], config: twoClusters },
      null,
    ],
    ["its configuration is not known", { pods: [refused(DAY)], config: null }, 22],
    ["its ServiceAccount created again since", { pods: [refused(DAY)], accountCreatedAt: NOW - DAY + SECOND }, null],
    [
      "its ServiceAccount as old as its container",
      { pods: [refused(DAY + FIRST)], accountCreatedAt: NOW - DAY - FIRST },
      22,
    ],
    [
      "its ServiceAccount created again between two pods",
      { pods: [refused(9 * DAY), refused(30 * HOUR)], accountCreatedAt: NOW - 2 * DAY },
      28,
    ],
    [
      "its ServiceAccount created again after the youngest alone",
      { pods: [refused(9 * DAY), refused(30 * HOUR)], accountCreatedAt: NOW - DAY },
      null,
    ],
    ["nobody refused", { pods: [pod({ age: 61 * DAY })] }, null],
    // Findings that no restart cures.
    ["a static token", { pods: [refused(DAY, { token: { kind: "static" } })] }, null],
    ["a file of its own", { pods: [refused(DAY, { token: { kind: "file" } })] }, null],
    ["3.16", { pods: [refused(DAY, { image: "apache/apisix:3.16.0" })] }, null],
    [
      "after a restart that did not help",
      {
        pods: [refused(DAY)],
        workload: {
          lastRestart: { state: "known", at: NOW - DAY, reason: "TokenRefused", result: "refused", lifetime: null },
        },
        template: { restartedAt: isoSeconds(NOW - DAY) },
      },
      null,
    ],
    ["a new pod refused as well", { pods: [refused(DAY), refused(HOUR)] }, null],
    // An older token is accepted.
    ["an older pod is not refused", { pods: [refused(DAY), pod({ age: 2 * DAY })] }, null],
    ["one that may still be in its watch", { pods: [refused(DAY), pod({ age: DAY - FIRST + 2_799 * SECOND })] }, 22],
    ["a second older", { pods: [refused(DAY), pod({ age: DAY - FIRST + 2_800 * SECOND })] }, null],
    ["an older pod that was not looked at", { pods: [refused(DAY), pod({ age: 2 * DAY, log: null })] }, 22],
    [
      "an older pod that reads its token anew",
      { pods: [refused(DAY), pod({ age: 2 * DAY, image: "apache/apisix:3.16.0" })] },
      22,
    ],
    [
      "an older pod with a token of its own",
      { pods: [refused(DAY), pod({ age: 2 * DAY, token: projected(604_800) })] },
      22,
    ],
  ])("%s", (_case, over, hours) => {
    const { lifetimeIfCured } = decisionOn([gateway(over)]);
    expect(lifetimeIfCured === null ? null : lifetimeIfCured / HOUR).toBe(hours);
  });

  it.each<[string, GatewayOver, number | null]>([
    ["accepted", {}, null],
    ["of unknown configuration", { config: null }, 22],
    ["whose errors nobody sees", { config: discoveryOn({ hidesErrors: true }) }, 22],
    ["whose discovery is off", { config: discoveryOn({ discovery: { state: "off" } }) }, 22],
    ["whose pods could not be read", { pods: unread({ code: "Forbidden", what: "list pods", message: "No." }) }, 22],
  ])("hears of an older token in another gateway, %s", (_case, over, hours) => {
    const other = named("other", { pods: [pod({ age: 40 * DAY })], ...over });
    const { lifetimeIfCured } = decisionOn([gateway({ pods: [refused(DAY)] }), other]);
    expect(lifetimeIfCured === null ? null : lifetimeIfCured / HOUR).toBe(hours);
  });

  it("is nothing where the configured lifetime explains the refusal", () => {
    const gateways = [gateway({ pods: [refused(DAY + FIRST)] })];
    expect(decisionOn(gateways, settings({}, { tokenLifetime: DAY })).lifetimeIfCured).toBeNull();
    expect(decisionOn(gateways, settings({}, { tokenLifetime: DAY + HOUR })).lifetimeIfCured).toBe(22 * HOUR);
  });

  it("does not ask for the reason of a refresh, but for refusals", () => {
    const refresh = { namespace: "apisix", kind: "Deployment", name: "apisix" } as const;
    const one = (age: Millis) => decisionOn([gateway({ pods: [pod({ age })] })], settings({}, { refresh }));
    expect(one(61 * DAY)).toMatchObject({ action: "restart", lifetimeIfCured: null });
  });
});

describe("a learned lifetime", () => {
  const note = (lifetime: Millis | null, over = {}) => ({
    lastRestart: {
      state: "known",
      at: NOW - DAY,
      reason: "NearDeadline",
      result: "renewed",
      lifetime,
      ...over,
    } as const,
  });

  it.each<[string, GatewayObservation[], Partial<Decision["token"]>]>([
    ["its own", [gateway({ workload: note(23 * HOUR) })], { lifetime: { millis: 23 * HOUR, from: "learned" } }],
    [
      "another gateway's, and the shortest of all",
      [gateway(), named("b", { workload: note(40 * HOUR) }), named("c", { workload: note(23 * HOUR) })],
      { lifetime: { millis: 23 * HOUR, from: "learned" } },
    ],
    [
      "the shortest, whatever comes after it",
      [gateway({ workload: note(23 * HOUR) }), named("b", { workload: note(40 * HOUR) }), named("c")],
      { lifetime: { millis: 23 * HOUR, from: "learned" } },
    ],
    [
      "only tentative",
      [gateway({ workload: note(null, { result: null, lifetimeIfCured: 23 * HOUR }) })],
      { lifetime: { millis: 90 * DAY, from: "eks" } },
    ],
    [
      "only suspected",
      [gateway({ workload: note(null, { suspected: { at: NOW - DAY, lifetime: 23 * HOUR } }) })],
      { lifetime: { millis: 90 * DAY, from: "eks" } },
    ],
    ["longer than known", [gateway({ workload: note(365 * DAY) })], { lifetime: { millis: 90 * DAY, from: "eks" } }],
  ])("is used: %s", (_case, gateways, token) => {
    expect(decisionOn(gateways).token).toMatchObject(token ?? {});
  });

  it("yields to a person's word, also to a longer one", () => {
    const { token } = decisionOn([gateway({ workload: note(23 * HOUR) })], settings({}, { tokenLifetime: 80 * DAY }));
    expect(token?.lifetime).toEqual({ millis: 80 * DAY, from: "configured" });
  });

  it("of half a day is none that restarts cannot keep up with", () => {
    const { verdict } = decisionOn([gateway({ pods: [pod({ age: HOUR })], workload: note(12 * HOUR) })]);
    expect(verdict).toBe("healthy");
  });
});
