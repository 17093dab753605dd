import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/config/environment.ts";
import { loadPackaged } from "../../src/config/packaged.ts";
import { DAY } from "../../src/model/time.ts";

describe("the packaged configuration", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "guard-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const loaded = async (content: string) => {
    await writeFile(join(folder, "guard.json"), content);
    return loadPackaged(folder);
  };

  it("means what the same YAML would", async () => {
    const { config } = await loaded('{"clusters":[{"name":"prod","tokenLifetime":"90d"}],"policy":{"cooldown":"2h"}}');
    expect(config.clusters).toEqual([{ name: "prod", mode: "check", tokenLifetime: 90 * DAY }]);
    expect(config.policy.cooldown).toBe(DAY / 12);
  });

  it.each([["{"], [""]])("is refused when it is not JSON: %j", async (content) => {
    await expect(loaded(content)).rejects.toMatchObject({
      code: "BadConfig",
      message: expect.stringContaining("npm run package"),
    });
  });

  it("is refused when it is not there", async () => {
    await expect(loadPackaged(folder)).rejects.toMatchObject({ code: "BadConfig" });
  });

  it("is refused with every mistake", async () => {
    await expect(loaded('{"clusters":[{"name":""}],"polcy":{}}')).rejects.toMatchObject({
      code: "BadConfig",
      message: expect.stringMatching(/guard\.json has 2 mistakes:[\s\S]*clusters\[0\]\.name[\s\S]*polcy/),
    });
  });
});

describe("the environment of a function", () => {
  const ARN = "arn:aws:lambda:eu-west-1:111122223333:function:sweep";

  it.each(["0", "-1", "ten", "1e3", "99999"])("is refused with a concurrency of %s", (concurrency) => {
    const environment = { AWS_REGION: "eu-west-1", GUARD_REMEDIATE_CONCURRENCY: concurrency };
    expect(() => readEnvironment(environment, ARN)).toThrow(`GUARD_REMEDIATE_CONCURRENCY is "${concurrency}"`);
  });

  it("tells the region, whom to start and where to tell of it", () => {
    const given = { AWS_REGION: "eu-west-1", GUARD_REMEDIATE_FUNCTION: "r", GUARD_TOPIC_ARN: " " };
    expect(readEnvironment(given, ARN)).toEqual({
      region: "eu-west-1",
      account: "111122223333",
      remediateFunction: "r",
      remediateConcurrency: 10,
      topicArn: null,
    });
    expect(readEnvironment({ ...given, GUARD_REMEDIATE_CONCURRENCY: "3" }, ARN).remediateConcurrency).toBe(3);
  });

  it.each([[{}], [{ AWS_REGION: "" }]])("is no function's without a region: %j", (environment) => {
    expect(() => readEnvironment(environment, ARN)).toThrow("AWS_REGION is not set");
  });
});
