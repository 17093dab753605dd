import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { probeCommand } from "../../src/evidence/probe-script.ts";
import { MAX_PROBE_BYTES, parseProbe } from "../../src/evidence/token-probe.ts";
import { SECOND } from "../../src/model/time.ts";

const run = promisify(execFile);

/** The signature and the head of a token: they must not leave the container. */
const CANARY = "c2lnbmF0dXJlLWNhbmFyeQ";
const HEAD = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImNhbmFyeSJ9";
const IAT = 1_780_000_000;
const BODY = Buffer.from(JSON.stringify({ iat: IAT, exp: IAT + 3_600, sub: "system:serviceaccount:a:b" })).toString(
  "base64url",
);
const TOKEN = `${HEAD}.${BODY}.${CANARY}`;

/** The shells of the images there are: Debian's, Alpine's, Red Hat's. */
const SHELLS = [["dash"], ["busybox", "sh"], ["bash", "--posix"]].filter(([program = ""]) =>
  (process.env.PATH ?? "").split(":").some((directory) => existsSync(join(directory, program))),
);

// It reads Linux' /proc.
describe.runIf(process.platform === "linux").each(SHELLS)("the script in %s", (...shell) => {
  let directory: string;
  const agents: ChildProcess[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "probe-"));
  });
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.kill();
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** A process that is called as one of nginx is. */
  async function start(title = "nginx: privileged agent process"): Promise<number> {
    const agent = spawn("sleep", ["60"], { argv0: title, stdio: "ignore" });
    agents.push(agent);
    const at = Date.now();
    await expect.poll(() => readFile(`/proc/${agent.pid}/cmdline`, "utf8")).toMatch(title);
    return at;
  }

  async function probe(token: string | null, { name = "token", env = process.env as NodeJS.ProcessEnv } = {}) {
    const file = join(directory, name);
    if (token !== null) await writeFile(file, token);
    const [program = "", ...options] = shell;
    const [, ...script] = probeCommand(file);
    const { stdout, stderr } = await run(program, [...options, ...script], { env, maxBuffer: MAX_PROBE_BYTES });
    expect(stdout + stderr).not.toContain(CANARY);
    expect(stdout + stderr).not.toContain(HEAD);
    return { stdout, read: parseProbe(stdout) };
  }

  it.each([
    ["as the kubelet writes it", TOKEN],
    ["with a line break at its end", `${TOKEN}\n`],
  ])("tells when the agent started and what is in the file, %s", async (_case, token) => {
    const startedAt = await start();
    const file = join(directory, "token");
    await writeFile(file, token);
    await utimes(file, IAT + 2, IAT + 2);
    const { read } = await probe(null);
    expect(read).toEqual({
      readAt: expect.any(Number),
      agent: expect.any(Number),
      fileChangedAt: (IAT + 2) * SECOND,
      claims: { issuedAt: IAT * SECOND, lifetime: 3_600 * SECOND, subject: "system:serviceaccount:a:b" },
    });
    const { readAt } = read as { readAt: number };
    // Whole seconds of the clock, rounded down.
    expect(readAt - startedAt).toBeGreaterThan(-1_200);
    expect(readAt - startedAt).toBeLessThan(1_000);
  });

  it("tells the starts of all agents, and of no other process of nginx", async () => {
    const starts: string[] = [];
    for (const title of [
      "nginx: privileged agent process",
      "nginx: privileged agent process",
      "nginx: worker process",
    ]) {
      await start(title);
      const stat = await readFile(`/proc/${agents.at(-1)?.pid}/stat`, "utf8");
      starts.push(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "");
      await sleep(50);
    }
    const { stdout } = await probe(TOKEN);
    expect(starts.map((ticks) => stdout.includes(`agent ${ticks}\n`))).toEqual([true, true, false]);
  });

  it.each([
    ["is empty", ""],
    ["is not there", null],
    ["is an opaque secret", CANARY],
    ["has two parts", `${HEAD}.${CANARY}`],
    ["has two parts and a point", `${HEAD}.${CANARY}.`],
    ["has parts that are no JSON", `abc.${CANARY}.def`],
    ["has a body that is no JSON", `${HEAD}.${CANARY}.def`],
    ["is encrypted, in five parts", `${HEAD}.${CANARY}.iv.text.tag`],
    ["is a password that looks like options", `-n -e ${CANARY}`],
  ])("gives nothing of a file that %s", async (_case, token) => {
    await start();
    await rm(join(directory, "token"), { force: true });
    const { stdout, read } = await probe(token);
    expect(stdout).not.toContain("payload");
    expect(read).toEqual({ unusable: expect.stringMatching(/holds no JWT/) });
  });

  it("takes any path for a path", async () => {
    await start();
    const { read } = await probe(TOKEN, { name: "a $(touch made) `touch made` \"'; touch made #" });
    expect(read).toMatchObject({ claims: { issuedAt: IAT * SECOND } });
    expect(existsSync("made")).toBe(false);
  });

  // Busybox has these programs within itself and shows them nothing.
  it.skipIf(shell[0] === "busybox")("shows no part of a token to another program", async () => {
    await start();
    const bin = join(directory, "bin");
    const seen = join(directory, "seen");
    await mkdir(bin, { recursive: true });
    for (const program of ["date", "stat"]) {
      await writeFile(
        join(bin, program),
        `#!/bin/sh\n{ env; echo "$@"; } >> "${seen}"\nexec /usr/bin/${program} "$@"\n`,
      );
      await chmod(join(bin, program), 0o755);
    }
    const PATH = `${bin}:${process.env.PATH}`;
    const { read } = await probe(TOKEN, { env: { PATH, SHLVL: "1", head: "1", body: "2", rest: "3", start: "4" } });
    const told = await readFile(seen, "utf8");
    expect(read).toHaveProperty("readAt");
    expect(told).toContain("start=");
    for (const part of TOKEN.split(".")) expect(told).not.toContain(part);
  });
});

it("is tried in more than one shell", () => {
  expect(SHELLS.length).toBeGreaterThan(0);
});
