import { Command } from "commander";
import { parseAt } from "../arguments.ts";
import type { CheckOptions } from "../check.ts";
import { EXIT_CODES, withAuditLog, withClusters, withLifetime, withOutput } from "./shared.ts";
import type { Ended } from "./verb.ts";

const EXAMPLES = `
Examples:
  The current context, all namespaces:
    $ apisix-token-guard check
  Two clusters in one report:
    $ apisix-token-guard check --context prod --context stage
  What will be due at Christmas?
    $ apisix-token-guard check --at 2026-12-24
  Exact token ages, on a node of a control plane of your own:
    $ apisix-token-guard check --audit-log /var/log/kubernetes/audit.log
  For a script:
    $ apisix-token-guard check --output json | jq '.gateways[].verdict'`;

export function checkCommand(ended: Ended): Command {
  const command = withClusters(new Command("check"))
    .summary("look at every gateway and say what should be done; changes nothing")
    .description(
      "Looks at every APISIX gateway, read only: how old the ServiceAccount token in its memory is, when it will be refused, " +
        "whether it is being refused now, and what should be done.",
    )
    .option("--at <time>", "decide as if it were then: 2026-12-24 or 2026-12-24T18:00:00Z", parseAt);
  return withOutput(withAuditLog(withLifetime(command)))
    .addHelpText("after", `${EXIT_CODES}\n${EXAMPLES}`)
    .action(async (options: CheckOptions) => {
      const { check } = await import("../check.ts");
      ended(await check(options));
    });
}
