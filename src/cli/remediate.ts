import type { Format } from "./format.ts";
import { healEach } from "./live/heal.ts";
import { rehearseEach } from "./rehearsal.ts";
import { runHealing, runRehearsal } from "./run.ts";
import { type ClusterOptions, setUp } from "./setup.ts";

/** The options as parsed, by the names of their flags. */
export interface RemediateOptions extends ClusterOptions {
  readonly dryRun?: boolean;
  readonly output: Format;
}

/** Restarts what needs it, waits for the proof and prints the report. Returns the exit code. */
export async function remediate({ dryRun = false, output, ...options }: RemediateOptions): Promise<number> {
  const setup = await setUp(options);
  const { code } = dryRun
    ? await runRehearsal(setup, output, (options) => rehearseEach(setup.targets, options))
    : await runHealing(setup, output, (options) => healEach(setup.targets, options));
  return code;
}
