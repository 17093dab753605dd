import { withGateway } from "../one-gateway.ts";
import { refresh as restartNow } from "../refresh.ts";
import { buildReport } from "../report/build.ts";
import { renderText } from "../report/text.ts";
import { newsTeller } from "./news.ts";
import type { RefreshPayload } from "./payload.ts";
import type { Run } from "./run.ts";
import { oneTarget } from "./targets.ts";
import { tellResult } from "./tell-result.ts";

/** Columns of the summary, which people read in a terminal. */
const WIDTH = 100;

/**
 * Restarts one gateway now because a person says so. Answers with a text for that person, and the report. The audit log is not read:
 * it has no say in this, and reading it takes time.
 */
export async function refresh({ cluster: name, ...wanted }: RefreshPayload, run: Run): Promise<object> {
  const target = await oneTarget(name, run);
  const onLook = newsTeller(run);
  const result = await withGateway(target, wanted, run, (cluster, gateway, scope) =>
    restartNow(cluster, gateway, {
      ...run,
      scope,
      name,
      settings: target.settings,
      restarter: cluster.restarter,
      onLook,
    }),
  );
  tellResult(result, run);
  const report = buildReport(result);
  return { summary: renderText([report], { width: WIDTH, color: false }), report };
}
