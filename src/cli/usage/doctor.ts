import { Command } from "commander";
import type { DoctorOptions } from "../doctor.ts";
import { withAuditLog, withClusters, withOutput } from "./shared.ts";
import type { Ended } from "./verb.ts";

const HELP = `
Exit codes:
  0    everything is in order; warnings do not count
  1    something could not be checked
  2    something is wrong
  130  interrupted

Examples:
  The identity and cluster of the current context:
    $ apisix-token-guard doctor
  An identity that only looks, such as the one of the sweep:
    $ apisix-token-guard doctor --read-only
  Failing checks, for a script:
    $ apisix-token-guard doctor --output json |
        jq '.clusters[].checks[] | select(.state == "wrong")'

Run it as the identity that it is about: an administrator may do more
than the guard should, and is not confined by its admission policy.`;

export const doctorCommand = (ended: Ended): Command =>
  withOutput(withAuditLog(withClusters(new Command("doctor"))))
    .summary("can it do what it needs, and nothing more? changes nothing")
    .description(
      "Signs in and checks what a restart will need: permissions, none too many, the admission policy, the clocks, the logs, what tells " +
        "of tokens, and for every gateway what the API server says to the restart as a dry run.",
    )
    .option("--read-only", "the identity shall only look: it needs no more, and may not restart", false)
    .addHelpText("after", HELP)
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import("../doctor.ts");
      ended(await doctor(options));
    });
