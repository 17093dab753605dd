import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/decide/facts.ts";
import type { ClusterObservation } from "../../src/model/observation.ts";
import type { GatewayPod } from "../../src/model/pod.ts";
import { unread } from "../../src/model/read.ts";
import { DAY, HOUR, MINUTE } from "../../src/model/time.ts";
import {
  cluster,
  discoveryOn,
  type GatewayOver,
  gateway,
  NOW,
  pendingPod,
  pod,
  quietLog,
  refusedLog,
  settings,
} from "../support/gateways.ts";

const FAILURE = unread({ code: "Forbidden", what: "read a log", message: "The guard may not get pods/log." });

function factsFrom(over: GatewayOver, rest = settings(), where: Partial<ClusterObservation> = {}) {
  const observed = gateway(over);
  return factsOf(observed, cluster([observed], where), rest, NOW);
}

const factsOfPod = (one: GatewayPod, over: GatewayOver = {}) => factsFrom({ ...over, pods: [one] }).pods[0];

describe("the token that may be refused first", () => {
  const young = pod({ name: "young", age: DAY });
  const old = pod({ name: "old", age: 30 * DAY });
  const ageless = pod({ name: "ageless", token: { kind: "static" } });
  it.each<[string, GatewayPod[], string | null]>([
    ["the old one of two", [young, old], "old"],
    ["whatever their order", [old, young], "old"],
    ["the only one of a known age", [ageless, young], "young"],
    ["none, where no age is known", [ageless], null],
    ["none, where no pod runs", [pendingPod()], null],
  ])("%s", (_case, pods, name) => {
    const { oldest, deadline } = factsFrom({ pods });
    expect(oldest?.pod.name ?? null).toBe(name);
    expect(deadline).toBe(oldest === null ? null : oldest.startedAt + 90 * DAY);
  });
});

describe("how long a token lives", () => {
  const learned = (lifetime: number) => ({
    workload: {
      lastRestart: { state: "known" as const, at: NOW - DAY, reason: "", result: "cured" as const, lifetime },
    },
  });
  const UPSTREAM = { gitVersion: "v1.33.5" };
  it.each<[string, GatewayOver, ReturnType<typeof settings>, Partial<ClusterObservation>, object]>([
    ["on EKS", {}, settings(), {}, { millis: 90 * DAY, from: "eks" }],
    ["elsewhere", {}, settings(), UPSTREAM, { millis: 365 * DAY, from: "assumed" }],
    ["as configured", {}, settings({}, { tokenLifetime: 7 * DAY }), UPSTREAM, { millis: 7 * DAY, from: "configured" }],
    ["as learned", learned(7 * DAY), settings(), UPSTREAM, { millis: 7 * DAY, from: "learned" }],
    [
      "with a garbled note",
      { workload: { lastRestart: { state: "unreadable", why: "?" } } },
      settings(),
      UPSTREAM,
      { millis: 365 * DAY, from: "assumed" },
    ],
  ])("%s", (_case, over, rest, where, lifetime) => {
    expect(factsFrom(over, rest, where).oldest?.token.lifetime).toEqual(lifetime);
  });
});

describe("when a token was issued", () => {
  it.each<[string, Partial<GatewayPod>, number]>([
    [
      "not before the kubelet took the pod",
      { createdAt: NOW - DAY - 2 * MINUTE, startTime: NOW - DAY - MINUTE },
      MINUTE,
    ],
    ["not before the pod was made", { createdAt: NOW - DAY - 2 * MINUTE, startTime: null }, 2 * MINUTE],
  ])("%s", (_case, over, before) => {
    expect(factsOfPod(pod(over))?.token.issuedAt).toEqual({ earliest: NOW - DAY - before, latest: NOW - DAY });
  });

  it("is not known of a pod that does not run, nor of a token that no kubelet renews", () => {
    const nothing = { lifetime: null, issuedAt: null, expiresAt: null, evidence: null };
    expect(factsOfPod(pendingPod())?.token).toEqual({ source: "projected", ...nothing });
    expect(factsOfPod(pod({ token: { kind: "file" } }))?.token).toEqual({ source: "file", ...nothing });
  });

  it("gives the moments between which it expires", () => {
    expect(factsOfPod(pod({ startTime: NOW - DAY - MINUTE }))?.token.expiresAt).toEqual({
      earliest: NOW - DAY - MINUTE + 90 * DAY,
      latest: NOW - DAY + 90 * DAY,
    });
  });
});

describe("when a version reads its token", () => {
  const image = (name: string) => pod({ image: name });
  it.each<[string, string, GatewayOver, string]>([
    ["once", "apache/apisix:3.9.1", {}, "once"],
    ["for every request", "apache/apisix:3.13.0", {}, "every-request"],
    ["not known of a digest", "apache/apisix@sha256:ab", {}, "unknown"],
    ["not told of another product", "api7/api7-ee-3-gateway:3.2.1", {}, "refusals-only"],
    ["never, before 2.13", "apache/apisix:2.12.1", { config: null }, "no-discovery"],
    [
      "never, with discovery off",
      "apache/apisix:2.12.1",
      { config: discoveryOn({ discovery: { state: "off" } }) },
      "no-discovery",
    ],
    ["never, with a ConfigMap that cannot be read", "apache/apisix:2.12.1", { config: FAILURE }, "no-discovery"],
    [
      "not known before 2.13 with discovery on: somebody numbers their own images",
      "apache/apisix:2.12.1",
      {},
      "unknown",
    ],
  ])("%s", (_case, name, over, reading) => {
    expect(factsOfPod(image(name), over)?.reading).toBe(reading);
  });
});

describe("the log of a pod", () => {
  it.each<[string, GatewayPod, unknown, boolean]>([
    ["that covers its window", pod(), "covered", false],
    ["that is cut", pod({ log: quietLog({ capped: true }) }), "not-covered", false],
    ["that nobody asked for", pod({ log: null }), "not-read", false],
    ["that could not be read", pod({ log: FAILURE }), FAILURE.failure, false],
    ["of a pod that does not run", pendingPod({ log: quietLog() }), "not-read", false],
    ["with refusals", pod({ log: refusedLog() }), "covered", true],
  ])("%s", (_case, one, state, refused) => {
    const facts = factsFrom({ pods: [one] });
    expect(facts.pods[0]?.log).toEqual(state);
    expect(facts.refused).toHaveLength(refused ? 1 : 0);
  });
});

describe("the running pods", () => {
  it("are those with a running APISIX container", () => {
    const pods = [pod({ name: "a" }), pendingPod({ name: "b" }), pod({ name: "c", container: null })];
    const facts = factsFrom({ pods });
    expect(facts.pods.map(({ pod: { name } }) => name)).toEqual(["a", "b", "c"]);
    expect(facts.running.map(({ pod: { name } }) => name)).toEqual(["a"]);
  });

  it("are none where the pods could not be read", () => {
    expect(factsFrom({ pods: FAILURE })).toMatchObject({
      pods: [],
      running: [],
      refused: [],
      oldest: null,
      deadline: null,
    });
  });

  it("are seen at the moment of the observation, whatever moment is decided for", () => {
    const observed = gateway();
    expect(factsOf(observed, cluster([observed]), settings(), NOW + HOUR)).toMatchObject({
      now: NOW + HOUR,
      observedAt: NOW,
    });
  });
});
