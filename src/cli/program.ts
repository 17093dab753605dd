import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { printable } from "../report/printable.ts";
import { withoutCredentials } from "../report/without-credentials.ts";
import { checkCommand } from "./usage/check.ts";
import { demoCommand } from "./usage/demo.ts";
import { doctorCommand } from "./usage/doctor.ts";
import { manifestsCommand } from "./usage/manifests.ts";
import { refreshCommand } from "./usage/refresh.ts";
import { remediateCommand } from "./usage/remediate.ts";
import { EXIT_CODES } from "./usage/shared.ts";

const VERBS = [checkCommand, remediateCommand, refreshCommand, doctorCommand, manifestsCommand, demoCommand];

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
  for (const verb of VERBS) {
    const command = verb((code) => {
      exitCode = code;
    });
    program.addCommand(command.copyInheritedSettings(program));
  }

  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return exitCode;
}

/** Commander's message as one line that cannot act on the terminal: it repeats what was typed, which may be a token. */
function usageError(text: string): string {
  const sentence = printable(
    withoutCredentials(
      text
        .replace(/^error: /, "")
        .trim()
        .replaceAll("\n", " "),
    ),
    2_000,
  );
  return `apisix-token-guard: BadUsage: ${sentence}\n`;
}
