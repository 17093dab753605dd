import { sleep } from "../adapters/sleep.ts";
import type { ClusterResult } from "../model/decision.ts";
import type { Progress } from "../ports.ts";
import { buildReport } from "../report/build.ts";
import { exitCode } from "../report/exit-code.ts";
import type { Format } from "./format.ts";
import { onInterrupt } from "./interrupt.ts";
import type { HealOptions } from "./live/heal.ts";
import { startLive } from "./live.ts";
import { note, printReports, progressTarget } from "./output.ts";
import { showProgress } from "./progress.ts";
import { type Rehearsal, type RehearsalOptions, rehearsalCode, rehearsalLines } from "./rehearsal.ts";
import type { Setup } from "./setup.ts";

/** Runs work that only looks, then `print`: a person sees how far it is, and may stop it at any time. */
export async function runLooking<T, R>(
  work: (progress: Progress) => Promise<T>,
  print: (result: T) => Promise<R>,
): Promise<R> {
  const progress = showProgress(progressTarget());
  const stopListening = onInterrupt(() => "interrupted, nothing was changed", progress.stop);
  const printed = await print(await work(progress.report).finally(progress.stop));
  stopListening();
  return printed;
}

/**
 * Runs work that restarts gateways: a person sees how it comes along, and hears what is under way if it is stopped or fails.
 *
 * @returns the exit code, whether anything was restarted, and whether that is in doubt, because an answer was lost
 */
export async function runHealing(
  { targets, scope, evidence, warnings }: Setup,
  output: Format,
  work: (options: HealOptions) => Promise<readonly ClusterResult[]>,
): Promise<{ readonly code: number; readonly restarted: boolean; readonly inDoubt: boolean }> {
  const { story, report: progress, stop, interrupted } = startLive(progressTarget(), targets.length > 1);
  const stopListening = onInterrupt(interrupted, stop);
  const results = await work({ scope, evidence, story, sleep, now: Date.now, progress }).finally(stop);
  const reports = results.map(buildReport);
  await printReports(reports, output, warnings);
  const underWay = story.underWay();
  for (const sentence of underWay) note(sentence);
  stopListening();
  return { code: exitCode(reports), restarted: story.hasRestarted(), inDoubt: underWay.length > 0 };
}

/**
 * Runs work that only asks what the API server would do.
 *
 * @returns the exit code, and whether any restart was tried
 */
export async function runRehearsal(
  { scope, evidence, warnings }: Setup,
  output: Format,
  work: (options: RehearsalOptions) => Promise<Rehearsal>,
): Promise<{ readonly code: number; readonly tried: boolean }> {
  return runLooking(
    (progress) => work({ scope, evidence, now: Date.now, progress }),
    async (rehearsal) => {
      const reports = rehearsal.results.map(buildReport);
      await printReports(reports, output, warnings);
      for (const line of rehearsalLines(rehearsal)) note(line);
      const code = Math.max(exitCode(reports), rehearsalCode(rehearsal));
      return { code, tried: rehearsal.restarts.length > 0 };
    },
  );
}
