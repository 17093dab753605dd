import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mistakes } from "../../infra/mistakes.ts";
import type { Settings } from "../../infra/settings.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { type Doorbell, listen } from "../support/deploy/doorbell.ts";
import { EVERY_KIND } from "../support/deploy/guards.ts";
import { placeService, type Service } from "../support/deploy/service.ts";

/** Bad input ends a deployment with everything that is wrong, before anything is sent. */

const SETTINGS: Settings = {
  stage: "prod",
  region: "eu-west-1",
  alarmEmail: "ops@example.org",
  sweepMinutes: 15,
  remediateConcurrency: 10,
  vpc: null,
};

const judge = (guardYml: string, settings: Partial<Settings> = {}) =>
  mistakes(parseConfig(guardYml, "guard.yml").config, { ...SETTINGS, ...settings });

const named = (count: number, prefix: string) =>
  `clusters: [${Array.from({ length: count }, (_, index) => `{ name: ${prefix}-${index} }`).join(", ")}]`;

const LONG_NAME = "a-cluster-with-a-rather-long-name-of-more-than-fifty-letters";
const TOO_MANY = /^guard\.yml, clusters: too many for one stack or one IAM policy \(\d+ by name\); use discover/;

describe("what cannot be deployed", () => {
  it.each([
    ["no cluster", "", {}, /^guard\.yml, clusters: empty; the guard would look after nothing$/],
    [
      "a name that would be a pattern",
      'clusters: [{ name: "*" }]',
      {},
      /^guard\.yml, clusters\[0\]\.name: "\*" must be the name of an EKS cluster/,
    ],
    [
      "a kubeconfig context",
      "clusters: [{ name: a }, { name: b/c }]",
      {},
      /^guard\.yml, clusters\[1\]\.name: "b\/c" must be/,
    ],
    ["more access entries than a stack can hold", named(151, "c"), {}, TOO_MANY],
    ["more names than an IAM policy can hold", named(100, LONG_NAME), {}, TOO_MANY],
    [
      "sweeps too rare for the alarm",
      EVERY_KIND,
      { sweepMinutes: 31 },
      /^sweepMinutes: must be a whole number from 10 to 30$/,
    ],
    ["no time between sweeps", EVERY_KIND, { sweepMinutes: Number.NaN }, /^sweepMinutes: /],
    [
      "nobody to remediate",
      EVERY_KIND,
      { remediateConcurrency: 0 },
      /^remediateConcurrency: must be a whole number from 1 to 1000$/,
    ],
    ["no address", EVERY_KIND, { alarmEmail: "ops" }, /^alarmEmail: "ops" must be an e-mail address$/],
    [
      "half a VPC",
      EVERY_KIND,
      { vpc: { subnetIds: ["subnet-1"], securityGroupIds: [] } },
      /^subnetIds, securityGroupIds: give both or none$/,
    ],
    [
      "a stage that leaves no room for the names of roles",
      EVERY_KIND,
      { stage: "a-really-rather-long-stage" },
      /^stage: too long/,
    ],
  ])("%s", (_, guardYml, settings, expected) => {
    expect(judge(guardYml, settings)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    ["every kind of cluster", EVERY_KIND, {}],
    ["as many as a stack can hold", named(150, "c"), {}],
    [
      "many of another region, which take no access entries here",
      named(160, "c").replaceAll(" }", ", region: eu-west-2 }"),
      {},
    ],
    ["a VPC", EVERY_KIND, { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } }],
    ["no address at all", EVERY_KIND, { alarmEmail: "" }],
  ])("but this can: %s", (_, guardYml, settings) => {
    expect(judge(guardYml, settings)).toEqual([]);
  });
});

describe("a deployment", () => {
  let service: Service;
  let aws: Doorbell;

  beforeAll(async () => {
    service = await placeService(EVERY_KIND);
    aws = await listen();
  });

  afterAll(async () => {
    await aws.close();
    await service.remove();
  });

  const deploy = (...more: string[]) =>
    service.osls(["deploy", "--stage", "prod", ...more], { AWS_ENDPOINT_URL: aws.url });

  it("ends with all mistakes at once, and nobody was asked for anything", async () => {
    await service.build('clusters: [{ name: "*" }, { name: b/c }]');
    const { code, output } = await deploy(
      "--param=sweepMinutes=60",
      "--param=alarmEmail=ops",
      "--param=subnetIds=subnet-1",
    );
    expect(code).toBe(1);
    for (const place of ["clusters[0].name", "clusters[1].name", "sweepMinutes", "alarmEmail", "subnetIds"])
      expect(output).toContain(place);
    expect(output).not.toContain("stack.ts:");
    expect(aws.rings).toBe(0);
  });

  it("ends when the functions have not been built", async () => {
    await service.forget();
    const { code, output } = await deploy();
    expect(code).toBe(1);
    expect(output).toContain("guard.json is not beside the function's code");
    expect(aws.rings).toBe(0);
  });

  it("by npm ends before the framework starts when guard.yml has mistakes, and lists them", async () => {
    const path = join(service.folder, "guard.yml");
    await writeFile(path, "clusters:\n  - nme: prod\n    mode: chekc\n");
    // npm asks its registry for a newer npm now and then.
    const quiet = { npm_config_update_notifier: "false" };
    const env = { ...process.env, ...quiet, GUARD_CONFIG: path, AWS_ENDPOINT_URL: aws.url };
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile("npm", ["run", "deploy", "--", "--stage", "prod"], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });
    expect(code).toBe(1);
    for (const mistake of ["line 2, clusters[0].nme", "line 3, clusters[0].mode"]) expect(output).toContain(mistake);
    expect(output).not.toContain("Deploying");
    expect(aws.rings).toBe(0);
  });
});
