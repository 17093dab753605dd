import type { Instant } from "../model/time.ts";
import { buildReport } from "../report/build.ts";
import { exitCode } from "../report/exit-code.ts";
import { sweep } from "../sweep.ts";
import type { Format } from "./format.ts";
import { printReports } from "./output.ts";
import { runLooking } from "./run.ts";
import { type ClusterOptions, setUp } from "./setup.ts";

/** The options as parsed, by the names of their flags. */
export interface CheckOptions extends ClusterOptions {
  readonly at?: Instant;
  readonly output: Format;
}

/** Looks at clusters and prints the report. Returns the exit code. */
export async function check(options: CheckOptions): Promise<number> {
  const { targets, scope, evidence, warnings } = await setUp(options);
  return runLooking(
    (progress) => sweep(targets, { scope, evidence, at: options.at ?? null, now: Date.now, progress }),
    async (results) => {
      const reports = results.map(buildReport);
      await printReports(reports, options.output, warnings);
      return exitCode(reports);
    },
  );
}
