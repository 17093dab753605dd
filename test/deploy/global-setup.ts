import type { TestProject } from "vitest/node";
import { compileVariants } from "../support/deploy/compiled.ts";
import { installMoto, say } from "../support/deploy/moto/install.ts";
import { python } from "../support/deploy/moto/python.ts";

/**
 * Compiles the templates that are judged, and installs the emulator where it is missing. Without Python what needs it is skipped with the reason; in CI that would hide it,
 * hence there it fails.
 */
export default async function setup(project: TestProject): Promise<void> {
  const found = python();
  if (!found.ok && process.env.CI === "true") throw new Error(`no emulator for the deploy tests: ${found.reason}`);
  if (!found.ok) say(`what needs it is skipped: ${found.reason}`);
  project.provide("compiled", await compileVariants());
  project.provide("moto", found.ok ? { ok: true, programs: await installMoto() } : found);
}
