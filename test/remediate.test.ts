import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE } from "../src/model/time.ts";
import type { GatewaySpec } from "../src/simulate/gateway-spec.ts";
import { heal, restartsOf, resultsOf, scene } from "./support/heal/scene.ts";

const KINDS = ["Deployment", "DaemonSet", "StatefulSet"] as const;
const DUE: GatewaySpec = { createdAgo: 61 * DAY };
const REFUSED: GatewaySpec = { createdAgo: 61 * DAY, refusedFor: 5 * MINUTE };

describe("remediate", () => {
  it.each(KINDS)("renews a %s of 61 days with one restart", async (kind) => {
    const all = scene([{ ...DUE, kind }]);
    expect(resultsOf(await heal(all))).toEqual({ apisix: "renewed" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it.each(KINDS)("cures a refused %s with one restart", async (kind) => {
    const all = scene([{ ...REFUSED, kind }]);
    expect(resultsOf(await heal(all))).toEqual({ apisix: "cured" });
    expect(restartsOf(all)).toEqual(["apisix"]);
  });

  it("leaves a young gateway alone", async () => {
    const all = scene([{ createdAgo: DAY }]);
    expect(resultsOf(await heal(all))).toEqual({});
    expect(all.patches).toEqual([]);
  });

  it("restarts two gateways one after the other", async () => {
    const all = scene([
      { ...DUE, name: "a" },
      { ...REFUSED, name: "b" },
    ]);
    expect(resultsOf(await heal(all))).toEqual({ a: "renewed", b: "cured" });
    expect(restartsOf(all)).toEqual(["b", "a"]);
  });

  it("finds refusals that go on, restarts no other gateway, and does not try again", async () => {
    const all = scene([
      { ...REFUSED, name: "a", afterRestart: { refused: true } },
      { ...DUE, name: "b" },
    ]);
    expect(resultsOf(await heal(all))).toMatchObject({ a: "refused" });
    for (const later of [2 * HOUR, 4 * HOUR, 7 * HOUR]) {
      all.cluster.clock.advance(later);
      await heal(all);
    }
    expect(restartsOf(all)).toEqual(["a"]);
  });

  it("finds that new pods never become ready, and restarts no other gateway", async () => {
    const all = scene([
      { ...REFUSED, name: "a", afterRestart: { readyAfter: null } },
      { ...DUE, name: "b" },
    ]);
    expect(resultsOf(await heal(all))).toMatchObject({ a: "failed" });
    expect(restartsOf(all)).toEqual(["a"]);
  });
});
