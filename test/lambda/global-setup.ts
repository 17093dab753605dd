import type { TestProject } from "vitest/node";
import { say } from "../support/control-plane/build/progress.ts";
import { toolchain } from "../support/control-plane/build/toolchain.ts";
import { buildBinaries } from "../support/control-plane/build.ts";

/** Builds the programs where they are missing; those tests that need them start them themselves, with flags of their own. */
export default async function setup(project: TestProject): Promise<void> {
  const go = toolchain();
  if (go.ok) {
    project.provide("signInPrograms", { ok: true, binaries: await buildBinaries() });
    return;
  }
  if (process.env.CI === "true") throw new Error(`no control plane for the lambda tests: ${go.reason}`);
  say(`lambda tests that need a cluster are skipped: ${go.reason}`);
  project.provide("signInPrograms", { ok: false, reason: go.reason });
}
