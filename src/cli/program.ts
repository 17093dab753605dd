import { Command, CommanderError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { printable } from "../report/printable.ts";
import { another, anotherNamespace, notBlank, parseAt, parseLifetime } from "./arguments.ts";
import type { CheckOptions } from "./check.ts";

const EXIT_CODES = `
Exit codes:
  0    nothing to do, or it can wait for its time
  1    something is not known: unreadable, no gateway found, bad input
  2    attention: a gateway is refused or about to be, or no restart can cure it
  130  interrupted`;

const CHECK_EXAMPLES = `
Examples:
  The current context, all namespaces:
    $ apisix-token-guard check
  Two clusters in one report:
    $ apisix-token-guard check --context prod --context stage
  What will be due at Christmas?
    $ apisix-token-guard check --at 2026-12-24
  For a script:
    $ apisix-token-guard check --output json | jq '.gateways[].verdict'`;

/**
 * Parses the command line and runs the verb. Verbs are loaded when they are needed: help and usage errors must not wait for a
 * Kubernetes client.
 *
 * @returns the exit code; a usage error has been printed by then
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command("apisix-token-guard")
    .description(packageJson.description)
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageError(text)) })
    .addHelpText("after", EXIT_CODES);

  program
    .command("check")
    .summary("look at every gateway and say what should be done; changes nothing")
    .description(
      "Looks at every APISIX gateway, read only: how old the ServiceAccount token in its memory is, when it will be refused, " +
        "whether it is being refused now, and what should be done.",
    )
    .option("--kubeconfig <file>", "kubeconfig to use (default: as kubectl does)", notBlank)
    .addOption(
      new Option("--context <name>", "context of a cluster to look at; repeatable")
        .argParser(another)
        .default([], "those of guard.yml, else the current one"),
    )
    .addOption(
      new Option("--namespace <name>", "namespace to look for gateways in; repeatable")
        .argParser(anotherNamespace)
        .default([], "those of guard.yml, else all"),
    )
    .option("--config <file>", "configuration (default: guard.yml in this directory, if it exists)", notBlank)
    .option("--at <time>", "decide as if it were then: 2026-12-24 or 2026-12-24T18:00:00Z", parseAt)
    .option("--lifetime <length>", "how long tokens are accepted, where you know better: 90d, 24h", parseLifetime)
    .addOption(new Option("--output <format>", "form of the report").choices(["text", "json", "yaml"]).default("text"))
    .addHelpText("after", `${EXIT_CODES}\n${CHECK_EXAMPLES}`)
    .action(async (options: CheckOptions) => {
      const { check } = await import("./check.ts");
      exitCode = await check(options);
    });

  program
    .command("demo")
    .summary("show every verdict on a cluster in memory; needs no cluster")
    .description(
      "Shows one gateway of every verdict on a cluster in memory, explained. Needs no cluster and no network.",
    )
    .action(async () => {
      const { demo } = await import("./demo.ts");
      exitCode = await demo();
    });

  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return exitCode;
}

/** Commander's message as one line that cannot act on the terminal: it repeats what was typed. */
function usageError(text: string): string {
  const sentence = printable(
    text
      .replace(/^error: /, "")
      .trim()
      .replaceAll("\n", " "),
    2_000,
  );
  return `apisix-token-guard: BadUsage: ${sentence}\n`;
}
