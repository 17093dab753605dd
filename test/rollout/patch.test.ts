import { describe, expect, it } from "vitest";
import { notePatch, orderPatch, restartPatch } from "../../src/rollout/patch.ts";

const note = { at: Date.parse("2026-06-10T12:00:00.789Z"), reason: "TokenRefused", result: null, lifetime: null };
const text = '{"at":"2026-06-10T12:00:00Z","reason":"TokenRefused","result":null,"lifetimeSeconds":null}';

describe("the guard's two patches", () => {
  it("restarts with whole seconds and its note in one request", () => {
    expect(restartPatch("41", note)).toEqual({
      metadata: { resourceVersion: "41", annotations: { "apisix-token-guard/last-restart": text } },
      spec: {
        template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-06-10T12:00:00Z" } } },
      },
    });
  });

  it("orders a reload with the note alone, and a restart as a restart", () => {
    const reload = { ...note, cure: "reload" } as const;
    const noted = text.replace('"TokenRefused"', '"TokenRefused","cure":"reload"');
    expect(orderPatch("41", reload)).toEqual({
      metadata: { resourceVersion: "41", annotations: { "apisix-token-guard/last-restart": noted } },
    });
    expect(orderPatch("41", { ...note, cure: "restart" })).toEqual(restartPatch("41", note));
    expect(orderPatch("41", note)).toEqual(restartPatch("41", note));
  });

  it("records a result and touches nothing else", () => {
    expect(notePatch("42", { ...note, result: "cured" })).toEqual({
      metadata: {
        resourceVersion: "42",
        annotations: { "apisix-token-guard/last-restart": text.replace("null", '"cured"') },
      },
    });
  });
});
