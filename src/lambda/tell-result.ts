import type { ClusterResult } from "../model/decision.ts";
import type { ClusterSummary } from "../model/fleet.ts";
import { buildReport } from "../report/build.ts";
import { logLines } from "../report/log-lines.ts";
import { clusterMetrics, healMetrics } from "../report/metrics.ts";
import { summarise } from "../report/summary.ts";
import type { Run } from "./run.ts";

/** Writes what came of one cluster into the log and the metrics. */
export function tellCluster(
  result: ClusterResult,
  summary: ClusterSummary,
  { telemetry }: Pick<Run, "telemetry">,
): void {
  for (const line of logLines(buildReport(result))) telemetry.log(line);
  telemetry.measure(clusterMetrics(summary), { cluster: summary.cluster });
}

/** The same of a run that heals, and whether it did what it was started for. */
export function tellResult(result: ClusterResult, run: Pick<Run, "telemetry">): void {
  tellCluster(result, summarise(result), run);
  run.telemetry.measure(healMetrics(result), {});
}
