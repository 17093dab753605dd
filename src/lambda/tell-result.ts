import type { ClusterResult } from "../model/decision.ts";
import { buildReport } from "../report/build.ts";
import { logLines } from "../report/log-lines.ts";
import { clusterMetrics, healMetrics } from "../report/metrics.ts";
import { summarise } from "../report/summary.ts";
import type { Run } from "./run.ts";

/** Writes what came of one cluster into the log and the metrics. */
export function tellResult(result: ClusterResult, { telemetry }: Pick<Run, "telemetry">): void {
  for (const line of logLines(buildReport(result))) telemetry.log(line);
  telemetry.measure(clusterMetrics(summarise(result)), { cluster: result.cluster });
  telemetry.measure(healMetrics(result), {});
}
