import { Command } from "commander";
import type { RemediateOptions } from "../remediate.ts";
import { EXIT_CODES, withAuditLog, withClusters, withDryRun, withLifetime, withOutput } from "./shared.ts";
import type { Ended } from "./verb.ts";

const EXAMPLES = `
Examples:
  What would the API server say? Nothing is changed:
    $ apisix-token-guard remediate --dry-run
  Restart what is due in one cluster, wait for the proof:
    $ apisix-token-guard remediate --context prod
  In a script; progress is on stderr:
    $ apisix-token-guard remediate --output json > report.json

It may be stopped at any time: rollouts go on by themselves, and the next run
finds on the workloads what is left to prove. A cluster that guard.yml names is
restarted in only if its mode is remediate.`;

export function remediateCommand(ended: Ended): Command {
  const command = withClusters(new Command("remediate"))
    .summary("restart what needs it, one gateway at a time, and prove the cure")
    .description(
      "Restarts the gateways whose token is refused, about to be or old, one at a time in each cluster, waits for every rollout, " +
        "and proves in the new pods' logs that it helped. Whatever speaks against a restart is respected and reported.",
    );
  return withOutput(withAuditLog(withLifetime(withDryRun(command))))
    .addHelpText("after", `${EXIT_CODES}\n${EXAMPLES}`)
    .action(async (options: RemediateOptions) => {
      const { remediate } = await import("../remediate.ts");
      ended(await remediate(options));
    });
}
