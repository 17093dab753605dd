import { Argument, Command, Option } from "commander";
import { WORKLOAD_KINDS } from "../../model/workload.ts";
import { parseGateway } from "../arguments.ts";
import type { RefreshOptions } from "../refresh.ts";
import { withDryRun, withLifetime, withOneCluster, withOutput } from "./shared.ts";
import type { Ended } from "./verb.ts";

const HELP = `
Exit codes:
  0    it was restarted and is fine
  1    it was not restarted, or what came of it is not known; bad input
  2    attention: something holds the restart back, or it was no cure
  130  interrupted

Examples:
  Restart this gateway now, whatever its verdict:
    $ apisix-token-guard refresh edge/checkout --context prod
  Ask first what the API server would say:
    $ apisix-token-guard refresh edge/checkout --dry-run

It does not wait for a window, the end of a freeze or the cooldown, and it also
acts where mode is check or another gateway was not cured. What speaks against
every restart still holds it back: another rollout, missing pods, a workload
that is paused or opted out, or a restart that would do harm.`;

export function refreshCommand(ended: Ended): Command {
  const command = withOneCluster(new Command("refresh"))
    .summary("restart one gateway now, whatever its verdict")
    .description(
      "Restarts one gateway of one cluster now because you say so, waits for the rollout, and proves the cure.",
    )
    .addArgument(new Argument("<namespace/name>", "the gateway").argParser(parseGateway))
    .addOption(new Option("--kind <kind>", "its kind, where the name alone is ambiguous").choices(WORKLOAD_KINDS));
  return withOutput(withLifetime(withDryRun(command)))
    .addHelpText("after", HELP)
    .action(async (gateway: ReturnType<typeof parseGateway>, options: RefreshOptions) => {
      const { refresh } = await import("../refresh.ts");
      ended(await refresh(gateway, options));
    });
}
