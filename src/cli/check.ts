import { loadConfig } from "../config/load.ts";
import type { Instant, Millis } from "../model/time.ts";
import { buildReport } from "../report/build.ts";
import { exitCode } from "../report/exit-code.ts";
import { printable } from "../report/printable.ts";
import { sweep } from "../sweep.ts";
import { type Format, formatReports } from "./format.ts";
import { onInterrupt } from "./interrupt.ts";
import { colours, movesCursor, print, widthOf } from "./output.ts";
import { showProgress } from "./progress.ts";
import { targetsOf } from "./targets.ts";

/** The options as parsed, by the names of their flags. */
export interface CheckOptions {
  readonly kubeconfig?: string;
  readonly context: readonly string[];
  readonly namespace: readonly string[];
  readonly config?: string;
  readonly at?: Instant;
  readonly lifetime?: Millis;
  readonly output: Format;
}

const LONGEST_WARNING = 1_000;

/** Looks at clusters and prints the report. Returns the exit code. */
export async function check(options: CheckOptions): Promise<number> {
  const { config, warnings: ofConfig } = await loadConfig(options.config ?? null);
  const warnings = ofConfig.map((warning) => `${options.config ?? "guard.yml"}: ${warning}`);
  const targets = targetsOf(config, {
    kubeconfig: { file: options.kubeconfig ?? null, environment: process.env },
    contexts: options.context,
    lifetime: options.lifetime ?? null,
    warn: (warning) => warnings.push(warning),
  });

  const { stdout, stderr } = process;
  const progress = showProgress({
    write: (text) => stderr.write(text),
    rewrites: movesCursor(stderr),
    width: widthOf(stderr),
  });
  const stopListening = onInterrupt("interrupted, nothing was changed", progress.stop);
  const results = await sweep(targets, {
    scope: { ...config.gateways, ...(options.namespace.length > 0 ? { namespaces: options.namespace } : {}) },
    evidence: config.evidence,
    at: options.at ?? null,
    now: Date.now,
    progress: progress.report,
  }).finally(progress.stop);

  const reports = results.map(buildReport);
  for (const warning of warnings) stderr.write(`warning: ${printable(warning, LONGEST_WARNING)}\n`);
  await print(stdout, formatReports(reports, options.output, { width: widthOf(stdout), color: colours(stdout) }));
  stopListening();
  return exitCode(reports);
}
