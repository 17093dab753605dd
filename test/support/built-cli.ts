import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Ctrl-C once this stands on stderr. */
  readonly interruptAt?: string;
}

/** The command line as users get it, in a folder of its own that is its working directory and its home. */
export interface BuiltCli {
  readonly path: string;
  readonly folder: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Writes a file of that folder and returns its path. */
  file(name: string, content: string): Promise<string>;
  remove(): Promise<void>;
}

/** Builds with the project's own build program, but not into dist/, which somebody may be using. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = await mkdtemp(join(tmpdir(), "guard-cli-"));
  const path = join(folder, "built", "cli.js");
  await promisify(execFile)(process.execPath, ["tools/build.ts", join(folder, "built")]);
  return {
    path,
    folder,
    run: (args, { env = {}, interruptAt } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [path, ...args], { cwd: folder, env: { HOME: folder, ...env } });
        let stdout = "";
        let stderr = "";
        let interrupted = false;
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          stdout += text;
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          stderr += text;
          if (interrupted || interruptAt === undefined || !stderr.includes(interruptAt)) return;
          interrupted = child.kill("SIGINT");
        });
        child.once("error", reject);
        child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
      }),
    file: async (name, content) => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A kubeconfig with one context for each server, the first one current. */
export function kubeconfig(servers: Readonly<Record<string, string>>, token: string): string {
  const names = Object.keys(servers);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": names[0],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: "somebody" } })),
    clusters: names.map((name) => ({ name, cluster: { server: servers[name] } })),
    users: [{ name: "somebody", user: { token } }],
  });
}
