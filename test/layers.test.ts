import { execFile } from "node:child_process";
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/**
 * The rules that keep the layers apart are configuration of the linter. These tests plant violations in a copy of it, all at
 * once since starting the linter is what takes time, and look which rule objects.
 */

const IMPORTS = "lint/style/noRestrictedImports";
const GLOBALS = "lint/style/noRestrictedGlobals";
const PLUGIN = "plugin";

type Row = readonly [file: string, code: string];

const VIOLATIONS: readonly (readonly [...Row, rule: string])[] = [
  // The pure layers do no I/O.
  ["src/decide/x.ts", 'import { readFile } from "node:fs/promises"; readFile("x");', IMPORTS],
  ["src/decide/x.ts", 'import "../adapters/x.ts";', IMPORTS],
  ["src/decide/x.ts", 'import type { Cluster } from "../ports.ts"; export type C = Cluster;', IMPORTS],
  ["src/decide/checks/x.ts", 'import type { Cluster } from "../../ports.ts"; export type C = Cluster;', IMPORTS],
  ["src/decide/x.ts", 'import "../model/../ports.ts";', IMPORTS],
  ["src/decide/x.ts", 'import "./../ports.ts";', IMPORTS],
  ["src/decide/x.ts", 'export * from "../sweep.ts";', IMPORTS],
  ["src/evidence/x.ts", 'import "../observe/x.ts";', IMPORTS],
  ["src/evidence/x.ts", 'import "zod";', IMPORTS],
  ["src/rollout/x.ts", 'export const later = () => import("../act/x.ts");', IMPORTS],
  ["src/report/x.ts", 'import "../config/x.ts";', IMPORTS],
  ["src/report/text/x.ts", 'import "../../cli/x.ts";', IMPORTS],
  ["src/report/x.ts", 'import "../simulate/x.ts";', IMPORTS],
  ["src/report/x.ts", "console.log(1);", GLOBALS],
  ["src/rollout/x.ts", "export const home = process.env.HOME;", GLOBALS],
  ["src/rollout/x.ts", "export const home = globalThis.process;", GLOBALS],
  ["src/evidence/x.ts", 'await fetch("http://localhost");', GLOBALS],
  ["src/decide/x.ts", "setTimeout(() => undefined, 1);", GLOBALS],
  // In the pure layers time and randomness are arguments.
  ["src/decide/x.ts", "export const now = Date.now();", PLUGIN],
  ["src/decide/checks/x.ts", "export const clock = Date.now;", PLUGIN],
  ["src/evidence/x.ts", "export const now = new Date();", PLUGIN],
  ["src/rollout/x.ts", "export const now = new Date;", PLUGIN],
  ["src/report/x.ts", "export const now = Date();", PLUGIN],
  ["src/model/x.ts", "export const dice = Math.random();", PLUGIN],
  ["src/decide/x.ts", "export const ticks = performance.now();", GLOBALS],
  ["src/decide/x.ts", "export const id = crypto.randomUUID();", GLOBALS],
  // The model imports nothing else.
  ["src/model/x.ts", 'import "../decide/x.ts";', IMPORTS],
  ["src/model/x.ts", 'import "semver";', IMPORTS],
  ["src/model/x.ts", 'import "node:path";', IMPORTS],
  // SDKs stay in the adapters, also as types.
  ["src/x.ts", 'import "@kubernetes/client-node";', IMPORTS],
  ["src/observe/x.ts", 'import type { V1Pod } from "@kubernetes/client-node"; export type P = V1Pod;', IMPORTS],
  ["src/observe/x.ts", 'export type P = import("@kubernetes/client-node").V1Pod;', PLUGIN],
  ["src/act/x.ts", 'import "@aws-sdk/client-eks";', IMPORTS],
  ["src/simulate/x.ts", 'import "@smithy/signature-v4";', IMPORTS],
  ["src/config/x.ts", 'import "@aws-sdk/client-eks";', IMPORTS],
  ["src/cli/x.ts", 'import "@kubernetes/client-node";', IMPORTS],
  ["functions/x.ts", 'import "@aws-sdk/client-lambda";', IMPORTS],
  ["src/lambda/x.ts", 'import "@aws-sdk/client-eks";', IMPORTS],
  ["src/act/x.ts", 'import "../lambda/x.ts";', IMPORTS],
  // The work knows ports, not adapters, and no process.
  ["src/x.ts", 'import "./adapters/x.ts";', IMPORTS],
  ["src/observe/x.ts", 'import "../adapters/x.ts";', IMPORTS],
  ["src/act/x.ts", 'import "../config/load.ts";', IMPORTS],
  ["src/x.ts", "export const home = process.env.HOME;", GLOBALS],
  ["src/observe/x.ts", 'import { env } from "node:process"; export const home = env.HOME;', IMPORTS],
  ["src/act/x.ts", "export const home = process.env.HOME;", GLOBALS],
  ["src/simulate/x.ts", "export const home = process.env.HOME;", GLOBALS],
  // A folder that nobody has thought of is pure until somebody has.
  ["src/brand-new/x.ts", 'import "node:fs";', IMPORTS],
  ["src/brand-new/x.ts", "export const now = Date.now();", PLUGIN],
  ["src/brand-new/deep/x.ts", 'import "@aws-sdk/client-eks";', IMPORTS],
  ["src/brand-new/deep/x.ts", "export const home = process.env.HOME;", GLOBALS],
];

const CLEAN: readonly Row[] = [
  ["src/decide/x.ts", 'import { DAY } from "../model/time.ts"; export const day = DAY;'],
  ["src/decide/x.ts", "export const at = (instant: number) => new Date(instant).toISOString();"],
  ["src/decide/x.ts", 'export const at = Date.parse("2026-01-01");'],
  [
    "src/decide/x.ts",
    'export * from "./checks/check.ts"; export * from "../evidence/x.ts"; export * from "../rollout/x.ts";',
  ],
  ["src/decide/checks/x.ts", 'export * from "../facts.ts"; export * from "../../model/time.ts";'],
  ["src/decide/x.ts", 'export * from "croner";'],
  ["src/evidence/x.ts", 'export * from "yaml"; export * from "semver/functions/lt.js";'],
  ["src/report/x.ts", 'export * from "zod/mini";'],
  ["src/model/x.ts", 'export * from "./time.ts";'],
  ["src/x.ts", 'export * from "./observe/x.ts"; export * from "p-limit";'],
  ["src/observe/x.ts", 'export * from "../ports.ts"; export const now = Date.now();'],
  ["src/config/x.ts", 'export * from "node:fs"; export const home = process.env.HOME;'],
  ["src/cli/x.ts", 'export * from "../adapters/x.ts"; process.exitCode = 1;'],
  ["src/adapters/kubernetes/x.ts", 'export * from "@kubernetes/client-node"; export const home = process.env.HOME;'],
  ["functions/x.ts", 'export * from "../src/adapters/x.ts"; export const home = process.env.HOME;'],
];

let planted: string;
let objections: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  planted = await mkdtemp(join(tmpdir(), "layers-"));
  await cp("biome.json", join(planted, "biome.json"));
  await cp("tools/lint", join(planted, "tools/lint"), { recursive: true });
  for (const [index, [file, code]] of [...VIOLATIONS, ...CLEAN].entries()) {
    const path = join(planted, numbered(file, index));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${code}\n`);
  }
  objections = await lint(planted);
});

afterAll(() => rm(planted, { recursive: true, force: true }));

describe("the rules between the layers", () => {
  it.each(VIOLATIONS.map((row, index) => [...row, index] as const))("%s may not: %s", (file, _code, rule, index) => {
    expect(objections.get(numbered(file, index))).toEqual([rule]);
  });

  it.each(CLEAN.map((row, index) => [...row, VIOLATIONS.length + index] as const))(
    "%s may: %s",
    (file, _code, index) => {
      expect(objections.get(numbered(file, index))).toBeUndefined();
    },
  );

  it("are not switched off in any file", async () => {
    const switchedOff: string[] = [];
    for await (const file of glob("{src,functions}/**/*.ts")) {
      const code = await readFile(file, "utf8");
      if (/biome-ignore\S* (lint(\/style\/noRestricted|\/plugin|[: ])|plugin)/.test(code)) switchedOff.push(file);
    }
    expect(switchedOff).toEqual([]);
  });
});

/** One file for each row. */
const numbered = (file: string, index: number): string => file.replace(/x\.ts$/, `planted${index}.ts`);

const run = promisify(execFile);

/** The rules that object to each file. */
async function lint(directory: string): Promise<Map<string, string[]>> {
  const biome = join(process.cwd(), "node_modules/@biomejs/biome/bin/biome");
  const options = ["lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none", "."];
  // The linter exits with 1 because it finds something, and says it on stdout.
  const { stdout } = await run(process.execPath, [biome, ...options], { cwd: directory }).catch(
    (error: { stdout: string }) => error,
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: string } }[] };
  const byFile = new Map<string, string[]>();
  for (const { category, location } of diagnostics) {
    const seen = byFile.get(location.path) ?? [];
    byFile.set(location.path, [...new Set([...seen, category])]);
  }
  return byFile;
}
