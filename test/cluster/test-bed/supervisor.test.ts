import { existsSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProgramSpec } from "../../support/control-plane/boot/protocol.ts";
import { RunDirectory } from "../../support/control-plane/boot/run-directory.ts";
import { Supervisor } from "../../support/control-plane/boot/supervisor.ts";
import { isAlive } from "../../support/control-plane/build/lock.ts";
import { waitFor } from "../../support/control-plane/cluster/wait.ts";

let directory: RunDirectory;
let supervisor: Supervisor;

beforeEach(async () => {
  directory = RunDirectory.create();
  supervisor = await Supervisor.start(directory);
});
afterEach(async () => {
  await supervisor.stop();
  rmSync(directory.path, { recursive: true, force: true });
});

const shell = (name: string, script: string): ProgramSpec => ({
  name,
  command: "/bin/sh",
  args: ["-c", script],
  log: directory.log(name),
});

test("what it started ends with it, however stubborn", async () => {
  await supervisor.run(shell("stubborn", "trap '' TERM INT HUP; while :; do sleep 1; done"));
  const pids = [...Object.values(supervisor.pids), supervisor.pid];
  expect(pids.every(isAlive)).toBe(true);
  await supervisor.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(directory.path)).toBe(false);
});

test("the files stay when they are to be kept", async () => {
  await supervisor.stop({ keepFiles: true });
  expect(existsSync(directory.log("supervisor"))).toBe(true);
});

test("a program that ends on its own is a failure, with the last it said", async () => {
  await supervisor.run(shell("broken", "echo no such flag; exit 3"));
  expect(await waitFor("the end", () => supervisor.failure())).toBe("broken ended (exit code 3): no such flag\n");
});

test("a program that does not exist is one too", async () => {
  await supervisor.run({ ...shell("missing", ""), command: "/nonexistent/etcd" });
  expect(await supervisor.failure()).toContain("missing ended (spawn /nonexistent/etcd ENOENT)");
});

test("one that was killed on purpose is none, and can be started again", async () => {
  const program = shell("sleeper", "exec sleep 1000");
  await supervisor.run(program);
  const [first] = Object.values(supervisor.pids);
  await supervisor.kill("sleeper");
  expect(await supervisor.failure()).toBeUndefined();
  expect(supervisor.pids).toEqual({});
  await supervisor.run(program);
  expect(Object.values(supervisor.pids)).not.toEqual([first]);
  await expect(supervisor.kill("other")).rejects.toThrow("other is not running");
});

test("should the supervisor itself be killed, its programs go as well", async () => {
  await supervisor.run(shell("sleeper", "exec sleep 1000"));
  const pids = Object.values(supervisor.pids);
  process.kill(supervisor.pid, "SIGKILL");
  await waitFor("the end of its programs", () => !pids.some(isAlive));
  await expect(supervisor.run(shell("late", "true"))).rejects.toThrow("supervisor of the control plane is gone");
});
