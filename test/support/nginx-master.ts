import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Millis } from "../../src/model/time.ts";

export interface NginxMaster {
  /** The starts of the agents so far, in ticks, the one that runs now last. */
  starts(): Promise<readonly number[]>;
  stop(): void;
}

export interface MasterOptions {
  /** How long the place of an agent that has ended stays empty; null: for ever. */
  readonly respawnAfter?: Millis | null;
}

/**
 * This process in the role of nginx's master: it keeps one child that is called as the privileged agent is, and starts another when that
 * one ends (nginx, ngx_process_cycle.c, ngx_reap_children).
 */
export async function startMaster({ respawnAfter = 10 }: MasterOptions = {}): Promise<NginxMaster> {
  const starts: Promise<number>[] = [];
  let agent: ChildProcess;
  let stopped = false;
  const spawnAgent = () => {
    agent = spawn("sleep", ["120"], { argv0: AGENT, stdio: "ignore" });
    const start = startOf(agent);
    // Nobody need ask for the start of one that was stopped at once.
    start.catch(() => undefined);
    starts.push(start);
    agent.once("exit", async () => {
      if (stopped || respawnAfter === null) return;
      await sleep(respawnAfter);
      if (!stopped) spawnAgent();
    });
  };
  spawnAgent();
  await Promise.all(starts);
  return {
    starts: () => Promise.all(starts),
    stop: () => {
      stopped = true;
      agent.kill("SIGKILL");
    },
  };
}

const AGENT = "nginx: privileged agent process";

async function startOf({ pid }: ChildProcess): Promise<number> {
  await expect.poll(() => readFile(`/proc/${pid}/cmdline`, "utf8")).toMatch(AGENT);
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}
