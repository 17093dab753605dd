import { describe, expect, it } from "vitest";
import { readRefresh, readRemediate, readSweep } from "../../src/lambda/payload.ts";
import { GuardError } from "../../src/model/errors.ts";

const refusal = (read: (payload: unknown) => unknown, payload: unknown): string => {
  try {
    read(payload);
  } catch (error) {
    if (error instanceof GuardError && error.code === "BadUsage") return error.message;
    throw error;
  }
  throw new Error("it was accepted");
};

describe("the payload of sweep", () => {
  it.each([[{}], [{ version: "0", "detail-type": "Scheduled Event", resources: [] }]])(
    "may be anything a timer sends: %j",
    (payload) => {
      expect(readSweep(payload)).toEqual(payload);
    },
  );
});

describe("the payload of remediate", () => {
  it("names a cluster, and nothing need hold it back", () => {
    expect(readRemediate({ cluster: "prod" })).toEqual({ cluster: "prod", hold: null });
    const hold = { restarts: "routine", why: "Another cluster goes first." };
    expect(readRemediate({ cluster: "123456789012/eu-west-1/prod", hold })).toEqual({
      cluster: "123456789012/eu-west-1/prod",
      hold,
    });
  });

  it.each<[string, unknown, string[]]>([
    ["no cluster", {}, ["cluster: missing"]],
    ["an unknown key", { cluster: "prod", mode: "remediate" }, ["mode: unknown key; allowed: cluster, hold"]],
    [
      "a hold of another kind",
      { cluster: "prod", hold: { restarts: "none", why: "?" } },
      ["hold.restarts", "routine, all"],
    ],
    ["no hold that is empty", { cluster: "prod", hold: {} }, ["hold.restarts", "hold.why"]],
  ])("is refused with %s", (_what, payload, parts) => {
    for (const part of parts) expect(refusal(readRemediate, payload)).toContain(part);
  });
});

describe("the payload of refresh", () => {
  const GOOD = { cluster: "prod", namespace: "edge", name: "checkout" };

  it("names a gateway, of whatever kind unless it says so", () => {
    expect(readRefresh(GOOD)).toEqual({ ...GOOD, kind: null });
    expect(readRefresh({ ...GOOD, kind: "DaemonSet" })).toEqual({ ...GOOD, kind: "DaemonSet" });
  });

  it("is refused with all its mistakes, and an example", () => {
    const message = refusal(readRefresh, { namespace: "EDGE", name: "a/b", kind: "daemonset", now: true });
    for (const part of [
      "cluster: missing",
      'namespace: "EDGE"',
      'name: "a/b"',
      "kind",
      "did you mean DaemonSet?",
      "now: unknown key",
    ]) {
      expect(message).toContain(part);
    }
    expect(message).toContain('An example: {"cluster":"prod","namespace":"edge","name":"checkout"}');
  });

  it.each([[null], [[]], ["prod"], [7], [undefined]])("is refused when it is no object: %j", (payload) => {
    expect(refusal(readRefresh, payload)).toContain("it must be a JSON object");
  });
});
