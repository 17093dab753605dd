/**
 * Parent of all programs of one control plane, in a process of its own:
 *
 *     node supervisor-process.ts <run directory>
 *
 * It lives exactly as long as the channel to the test process. However that one ends, even by SIGKILL, the kernel
 * closes the channel; then this process kills its children, removes the run directory and exits. Because
 * the programs are its own unreaped children, a process id can never have passed on to somebody else.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { ProgramSpec, Report, Request } from "./protocol.ts";

const runDirectory = process.argv[2];
if (runDirectory === undefined) throw new Error("started by supervisor.ts only");

const children = new Map<string, ChildProcess>();

function start({ name, command, args, env, log }: ProgramSpec): void {
  const output = openSync(log, "a");
  const child = spawn(command, args, {
    stdio: ["ignore", output, output],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...env },
  });
  closeSync(output);
  children.set(name, child);
  child.once("error", (error) => exited(name, error.message));
  child.once("exit", (code, signal) => exited(name, signal ?? `exit code ${code}`));
  if (child.pid !== undefined) report({ type: "started", name, pid: child.pid });
}

function exited(name: string, how: string): void {
  children.delete(name);
  report({ type: "exited", name, how });
}

function report(message: Report): void {
  if (process.connected) process.send?.(message, () => undefined);
}

/** SIGKILL at once: nothing of the state is kept, and kube-apiserver would drain its watches for seconds. */
async function shutDown(keepFiles: boolean): Promise<never> {
  const gone = [...children.values()].map((child) => new Promise((resolve) => child.once("exit", resolve)));
  for (const child of children.values()) child.kill("SIGKILL");
  await Promise.all(gone);
  if (!keepFiles) await rm(runDirectory as string, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

/** Polite signals are ignored: Ctrl-C is for the test process, whose end is noticed in any case. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

process.on("message", (request: Request) => {
  if (request.type === "start") start(request.program);
  else if (request.type === "kill") children.get(request.name)?.kill("SIGKILL");
  else void shutDown(request.keepFiles);
});
process.on("disconnect", () => void shutDown(false));
// The test process may have died while this one was loading.
if (process.connected) report({ type: "ready" });
else void shutDown(false);
