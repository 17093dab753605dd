import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProgramSpec, Report, Request } from "./protocol.ts";
import type { RunDirectory } from "./run-directory.ts";

/** What of a dead program's log goes into an error, in characters. */
const LOG_TAIL = 3000;

/** The test's end of the channel to `supervisor-process.ts`, which owns the programs of one control plane. */
export class Supervisor {
  readonly #process: ChildProcess;
  readonly #pids = new Map<string, number>();
  readonly #specs = new Map<string, ProgramSpec>();
  readonly #exits = new Map<string, string>();
  #stopping = false;
  #keepsParentAlive = true;

  private constructor(supervisor: ChildProcess) {
    this.#process = supervisor;
    supervisor.on("message", (report: Report) => this.#note(report));
    supervisor.once("exit", () => this.#killOrphans());
  }

  /** Detached, hence in a process group of its own: Ctrl-C in a terminal reaches neither it nor the programs. */
  static async start(directory: RunDirectory): Promise<Supervisor> {
    const output = openSync(directory.log("supervisor"), "a");
    const child = fork(join(import.meta.dirname, "supervisor-process.ts"), [directory.path], {
      detached: true,
      execArgv: [],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    const supervisor = new Supervisor(child);
    await Promise.race([once(child, "message"), once(child, "exit").then(() => Promise.reject(lost()))]);
    return supervisor;
  }

  /** Process ids of what is running, by program. */
  get pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#pids);
  }

  /** The supervisor's own process id. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** A program that ended on its own, with how and with the last of what it printed. */
  async failure(): Promise<string | undefined> {
    const [name, how] = [...this.#exits][0] ?? [];
    const program = name === undefined ? undefined : this.#specs.get(name);
    if (program === undefined) return undefined;
    const lines = (await readFile(program.log, "utf8").catch(() => "")).split("\n");
    // Kubernetes' programs begin with all their flags, a line each.
    const log = lines.filter((line) => !line.includes("] FLAG: ")).join("\n");
    return `${name} ended (${how}): ${log.slice(-LOG_TAIL)}`;
  }

  async run(program: ProgramSpec): Promise<void> {
    this.#specs.set(program.name, program);
    this.#exits.delete(program.name);
    this.#send({ type: "start", program });
    await this.#until(() => this.#pids.has(program.name) || this.#exits.has(program.name));
  }

  async kill(name: string): Promise<void> {
    if (!this.#pids.has(name)) throw new Error(`${name} is not running`);
    this.#send({ type: "kill", name });
    await this.#until(() => !this.#pids.has(name));
    this.#exits.delete(name);
  }

  /** Ends the programs and the supervisor. `keepFiles` leaves the run directory for reading. */
  async stop({ keepFiles = false } = {}): Promise<void> {
    if (!this.#process.connected) return;
    this.#stopping = true;
    this.#hold(true);
    const exit = once(this.#process, "exit");
    this.#send({ type: "shutdown", keepFiles });
    await exit;
    this.#pids.clear();
  }

  /** With false, a test process that forgets to stop ends nevertheless, and the supervisor then cleans up. */
  keepParentAlive(keep: boolean): void {
    this.#keepsParentAlive = keep;
    this.#hold(keep);
  }

  /** A child process and its channel each keep the event loop of the parent going. */
  #hold(hold: boolean): void {
    const method = hold ? "ref" : "unref";
    this.#process[method]();
    this.#process.channel?.[method]();
  }

  #note(report: Report): void {
    if (report.type === "started") this.#pids.set(report.name, report.pid);
    if (report.type === "exited") {
      this.#pids.delete(report.name);
      this.#exits.set(report.name, report.how);
    }
  }

  async #until(condition: () => boolean): Promise<void> {
    this.#hold(true);
    while (!condition()) {
      if (!this.#process.connected) throw lost();
      const first = new AbortController();
      const event = (name: string) => once(this.#process, name, { signal: first.signal });
      await Promise.race([event("message"), event("disconnect")]).finally(() => first.abort());
    }
    this.#hold(this.#keepsParentAlive);
  }

  /** Should somebody kill the supervisor itself: its children are known here by id. */
  #killOrphans(): void {
    if (this.#stopping) return;
    for (const pid of this.#pids.values()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
  }

  #send(request: Request): void {
    if (!this.#process.connected) throw lost();
    this.#process.send(request);
  }
}

function lost(): Error {
  return new Error("the supervisor of the control plane is gone");
}
