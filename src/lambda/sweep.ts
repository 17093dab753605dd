import { eksAuditGroup } from "../adapters/aws/audit-group.ts";
import { lambdaInvoker } from "../adapters/aws/lambda-invoker.ts";
import { GuardError } from "../model/errors.ts";
import { fleetMetrics } from "../report/metrics.ts";
import { sweepSummary } from "../report/sweep-summary.ts";
import { sweepFleet } from "../sweep.ts";
import type { Run } from "./run.ts";
import { allTargets } from "./targets.ts";
import { tellCluster } from "./tell-result.ts";

/** Looks at every cluster and starts what is to be done. Answers with counts; the log holds every report. */
export async function sweep(_payload: unknown, run: Run): Promise<object> {
  const { telemetry, environment, signIn } = run;
  const { region, remediateFunction: functionName, remediateConcurrency } = environment;
  if (run.config.clusters.length === 0) {
    throw new GuardError("BadConfig", "guard.yml names no cluster: add one under clusters, and deploy again.");
  }
  if (functionName === null) throw new GuardError("BadConfig", "GUARD_REMEDIATE_FUNCTION is not set: deploy again.");
  const result = await sweepFleet(await allTargets({ ...run, auditOf: eksAuditGroup }), {
    ...run,
    maxStarts: remediateConcurrency,
    start: lambdaInvoker({ region, functionName, credentials: signIn() }),
    tell: (seen, summary) => tellCluster(seen, summary, run),
  });
  telemetry.measure(fleetMetrics(result), {});
  const summary = sweepSummary(result);
  const refused = result.started.some(({ answer }) => !answer.ok);
  telemetry.log({ level: refused ? "error" : "info", message: "sweep", fields: { sweep: summary } });
  return summary;
}
