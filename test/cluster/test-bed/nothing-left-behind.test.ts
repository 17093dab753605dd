import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { isAlive } from "../../support/control-plane/build/lock.ts";
import { waitFor } from "../../support/control-plane/cluster/wait.ts";
import { describeCluster } from "../../support/control-plane/suite.ts";

const SCRIPT = join(import.meta.dirname, "../../support/control-plane/run.ts");

interface Announced {
  readonly runDirectory: string;
  readonly pids: Readonly<Record<string, number>>;
}

/** Its own process group, as a shell gives to what it runs in the foreground. */
async function runInBackground(): Promise<{ child: ChildProcess; announced: Announced }> {
  const child = spawn(process.execPath, [SCRIPT], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, announced: JSON.parse(line) as Announced };
}

describeCluster("when the process that started a control plane dies", () => {
  test.for([
    { by: "SIGKILL", to: "process" },
    { by: "SIGINT", to: "group" },
  ] as const)("by $by to the $to, no process and no file is left", async ({ by, to }) => {
    const { child, announced } = await runInBackground();
    const pids = Object.values(announced.pids);
    expect(pids).toHaveLength(6);
    expect(pids.every(isAlive)).toBe(true);

    const exit = once(child, "exit");
    process.kill(to === "group" ? -(child.pid as number) : (child.pid as number), by);
    await exit;
    await waitFor("the end of its programs", () => !pids.some(isAlive), { timeout: 5000 });
    await waitFor("the end of its files", () => !existsSync(announced.runDirectory), { timeout: 5000 });
  });
});
