import { describe, expect, it } from "vitest";
import { failedResult, type Target, visitEach } from "../src/fleet.ts";
import { GuardError } from "../src/model/errors.ts";
import { simulateCluster } from "../src/simulate/cluster.ts";
import { targetOf } from "./support/simulated-target.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");
const CANARY = "canary-5ecr3t";

const cluster = () => simulateCluster({ now: NOW });
const failed = failedResult(() => NOW);

describe("a visit to several clusters", () => {
  it("gives one result for each, in their order, whichever is first", async () => {
    const slow: Target = {
      ...targetOf(cluster(), { name: "slow" }),
      connect: () => new Promise((resolve) => setTimeout(() => resolve({ ...cluster(), close: () => undefined }), 20)),
    };
    const names = await visitEach(
      [slow, targetOf(cluster())],
      async (_cluster, { name }) => name,
      ({ name }) => name,
    );
    expect(names).toEqual(["slow", "prod"]);
  });

  it("passes on our own errors, and of any other nothing but its kind", async () => {
    const causes = [new GuardError("SignInFailed", "Sign in again."), new TypeError(CANARY), CANARY];
    const targets = causes.map((cause) => ({ ...targetOf(cluster()), connect: () => Promise.reject(cause) }));
    const results = await visitEach(targets, () => Promise.reject(new Error("not reached")), failed);
    expect(results).toMatchObject([
      {
        cluster: "prod",
        at: NOW,
        plan: null,
        outcomes: [],
        error: { code: "SignInFailed", message: "Sign in again." },
      },
      { error: { code: "Internal", message: expect.stringContaining("An unexpected TypeError") } },
      { error: { code: "Internal", message: expect.stringContaining("An unexpected string") } },
    ]);
    expect(JSON.stringify(results)).not.toContain(CANARY);
  });

  it.each([
    ["done", async () => failed(targetOf(cluster()), { code: "Internal", message: "" })],
    ["failed", () => Promise.reject(new Error("x"))],
  ])("closes the connection when the work is %s", async (_how, work) => {
    let closed = 0;
    const target: Target = {
      ...targetOf(cluster()),
      connect: async () => ({
        ...cluster(),
        close: () => {
          closed++;
        },
      }),
    };
    await visitEach([target], work, failed);
    expect(closed).toBe(1);
  });

  it("goes to eight at once", async () => {
    let open = 0;
    let most = 0;
    const targets = Array.from({ length: 20 }, (_, index) => targetOf(cluster(), { name: `${index}` }));
    await visitEach(
      targets,
      async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 1));
        open--;
      },
      () => undefined,
    );
    expect(most).toBe(8);
  });
});
