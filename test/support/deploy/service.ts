import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { PACKAGED_CONFIG } from "../../../src/config/packaged.ts";
import type { Template } from "./template.ts";

export interface Ended {
  readonly code: number | null;
  /** stdout and stderr in the order they came. */
  readonly output: string;
}

/** The service in a folder of its own: deployments must not meet in `.serverless/`, nor touch the dist/ that somebody uses. */
export interface Service {
  readonly folder: string;
  /** Runs the framework. Without `AWS_ENDPOINT_URL` in `env`, nothing that it tries to reach is there. */
  osls(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** What `package` or `deploy` made of it last. */
  template(): Promise<Template>;
  /** As the build leaves it for this guard.yml. */
  build(guardYml: string): Promise<void>;
  /** Takes away what was built. */
  forget(): Promise<void>;
  remove(): Promise<void>;
}

export const FUNCTION_FILES = ["sweep", "remediate", "refresh"] as const;

/** Credentials that open nothing, no way to better ones, and nobody at the address. */
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  /** How often a stack is asked how far it is, in milliseconds; five seconds by default. */
  SLS_AWS_MONITORING_FREQUENCY: "200",
};

export async function placeService(guardYml: string): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), "guard-deploy-"));
  for (const name of ["serverless.yml", "package.json", "infra"])
    await cp(name, join(folder, name), { recursive: true });
  for (const name of ["src", "node_modules"]) await symlink(join(process.cwd(), name), join(folder, name));
  const dist = join(folder, "dist", "functions");
  const build = async (text: string) => {
    await mkdir(dist, { recursive: true });
    await writeFile(join(dist, PACKAGED_CONFIG), JSON.stringify(parse(text) ?? {}));
    for (const name of FUNCTION_FILES)
      await writeFile(join(dist, `${name}.cjs`), `exports.handler = async () => "${name}";\n`);
  };
  await build(guardYml);
  return {
    folder,
    osls: (args, env = {}) => runOsls(folder, args, env),
    template: async () =>
      JSON.parse(await readFile(join(folder, ".serverless", "cloudformation-template-update-stack.json"), "utf8")),
    build,
    forget: () => rm(dist, { recursive: true }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function runOsls(folder: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["node_modules/osls/bin/serverless.js", ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...ENVIRONMENT, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
