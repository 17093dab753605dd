import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { runCommand } from "../../../src/cli/program.ts";
import { explain } from "../../../src/report/explain.ts";
import { kubeconfig } from "../built-cli.ts";
import { capture } from "./capture.ts";
import { everythingOf } from "./finder.ts";
import { CANARIES } from "./inventory.ts";

/** The command line in this process, with a folder of its own that is its home. */
export interface Command {
  readonly folder: string;
  /** Writes a file of that folder and returns its path. */
  file(name: string, content: string): Promise<string>;
  /** Writes `kubeconfig`, whose one context is signed in to this server with a canary. */
  kubeconfig(server: string): Promise<string>;
  /** Runs it; gives all that it prints, its last words and what an error holds beside them included. */
  run(args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** The environment holds canaries wherever a shell or a build server can have them; undone by `vi.unstubAllEnvs()`. */
export async function startCommand(): Promise<Command> {
  const folder = await mkdtemp(join(tmpdir(), "secrets-"));
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  for (const [name, value] of Object.entries({ ...SECRET_VARIABLES, ...DEBUG_VARIABLES, HOME: folder }))
    vi.stubEnv(name, value);
  return {
    folder,
    file,
    kubeconfig: (server) => file("kubeconfig", kubeconfig({ prod: server }, CANARIES.token)),
    run: async (args) => {
      const { printed, thrown } = await capture(() => runCommand(args));
      // A command that failed leaves it to the end of the process.
      process.removeAllListeners("SIGINT");
      return thrown === undefined ? printed : `${printed}${explain(thrown)}\n${everythingOf(thrown)}`;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What a process may find in its environment. */
export const SECRET_VARIABLES = {
  AWS_ACCESS_KEY_ID: CANARIES.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CANARIES.secretAccessKey,
  AWS_SESSION_TOKEN: CANARIES.sessionToken,
  DEPLOY_TOKEN: CANARIES.somethingElse,
};

/** What people turn on when they look for a mistake. NODE_DEBUG is not among them: it is Node's own, and prints what is sent. */
export const DEBUG_VARIABLES = {
  DEBUG: "*",
  LOG_LEVEL: "debug",
  POWERTOOLS_LOG_LEVEL: "DEBUG",
  POWERTOOLS_LOGGER_LOG_EVENT: "true",
  POWERTOOLS_LOGGER_SAMPLE_RATE: "1",
  POWERTOOLS_TRACE_ENABLED: "true",
  AWS_LAMBDA_LOG_LEVEL: "DEBUG",
};

/** Of a process, with what Node itself can be told to say more of; `NODE_DEBUG` excepted. */
export const PROCESS_VARIABLES = {
  ...SECRET_VARIABLES,
  ...DEBUG_VARIABLES,
  NODE_OPTIONS: "--trace-warnings --trace-deprecation --trace-uncaught --enable-source-maps --stack-trace-limit=100",
};
