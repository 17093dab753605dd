import type { TestProject } from "vitest/node";
import { say } from "../support/control-plane/build/progress.ts";
import { toolchain } from "../support/control-plane/build/toolchain.ts";
import { buildBinaries } from "../support/control-plane/build.ts";
import { startControlPlane } from "../support/control-plane/start.ts";

/**
 * Builds the programs where they are missing, and starts the control plane which all files of this project share.
 * Without Go the project is skipped with the reason; in CI that would hide it, hence there it fails.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const go = toolchain();
  if (!go.ok) {
    if (process.env.CI === "true") throw new Error(`no control plane for the cluster tests: ${go.reason}`);
    say(`the cluster tests are skipped: ${go.reason} (Go builds it from source, see test/cluster/tools/go.mod)`);
    project.provide("controlPlane", { ok: false, reason: go.reason });
    return undefined;
  }
  const binaries = await buildBinaries();
  const cluster = await startControlPlane({ binaries, scheduler: true });
  project.provide("controlPlane", { ok: true, runDirectory: cluster.runDirectory, binaries });
  return () => cluster.stop();
}
