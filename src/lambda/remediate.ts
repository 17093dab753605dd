import { eksAuditGroup } from "../adapters/aws/audit-group.ts";
import { failedResult, visitOne } from "../fleet.ts";
import type { ClusterResult } from "../model/decision.ts";
import { remediate as heal } from "../remediate.ts";
import { buildReport } from "../report/build.ts";
import { newsTeller } from "./news.ts";
import type { RemediatePayload } from "./payload.ts";
import type { Run } from "./run.ts";
import { oneTarget } from "./targets.ts";
import { tellResult } from "./tell-result.ts";

/** Heals one cluster, as far as the time goes; the next sweep goes on from there. Answers with the report. */
export async function remediate({ cluster: name, hold }: RemediatePayload, run: Run): Promise<object> {
  const target = await oneTarget(name, { ...run, auditOf: eksAuditGroup });
  const onLook = newsTeller(run);
  const result = await visitOne<ClusterResult>(
    target,
    (cluster, { settings }) =>
      heal(cluster, { ...run, name, settings: { ...settings, hold }, restarter: cluster.restarter, onLook }),
    failedResult(run.now),
  );
  tellResult(result, run);
  return buildReport(result);
}
