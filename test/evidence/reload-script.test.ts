import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { NO_AGENT, parseReload, RELOAD_MARK, reloadCommand } from "../../src/evidence/reload-script.ts";
import { type MasterOptions, type NginxMaster, startMaster } from "../support/nginx-master.ts";

const run = promisify(execFile);

/** The shells of the images there are: Debian's, Alpine's, Red Hat's. */
const SHELLS = [["dash"], ["busybox", "sh"], ["bash", "--posix"]].filter(([program = ""]) =>
  (process.env.PATH ?? "").split(":").some((directory) => existsSync(join(directory, program))),
);

/** A directory with a `sleep` that does not. */
async function impatience(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "reload-"));
  await writeFile(join(directory, "sleep"), "#!/bin/sh\n", { mode: 0o755 });
  return directory;
}

// It reads Linux' /proc.
describe.runIf(process.platform === "linux").each(SHELLS)("the reload in %s", (...shell) => {
  const masters: NginxMaster[] = [];
  afterEach(() => {
    for (const master of masters.splice(0)) master.stop();
  });

  async function start(options?: MasterOptions): Promise<NginxMaster & { agent: number }> {
    const master = await startMaster(options);
    masters.push(master);
    const [agent = 0] = await master.starts();
    return { ...master, agent };
  }

  async function reload(agent: number, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const [program = "", ...options] = shell;
    const [, ...script] = reloadCommand(agent);
    const { stdout } = await run(program, [...options, ...script], { env: { ...process.env, ...env } });
    return parseReload(stdout);
  }

  it("ends the agent, and goes when there is another", async () => {
    const master = await start();
    expect(await reload(master.agent)).toBe("succeeded");
    const starts = await master.starts();
    expect(starts).toHaveLength(2);
    expect(starts[1]).toBeGreaterThan(starts[0] ?? 0);
  });

  it("waits for one that is late", async () => {
    const { agent } = await start({ respawnAfter: 1_500 });
    expect(await reload(agent)).toBe("succeeded");
  });

  it("does nothing when it is sent again", async () => {
    const master = await start();
    expect([await reload(master.agent), await reload(master.agent)]).toEqual(["succeeded", "gone"]);
    expect(await master.starts()).toHaveLength(2);
  });

  it("ends none but the one that it is for", async () => {
    const one = await start();
    // Starts are told in ticks of 10 ms.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const other = await start();
    expect(await reload(one.agent)).toBe("succeeded");
    expect(await other.starts()).toHaveLength(1);
  });

  it("ends nothing when it is for no agent", async () => {
    const master = await start();
    expect(await reload(NO_AGENT)).toBe("gone");
    expect(await master.starts()).toHaveLength(1);
  });

  it("ends no other process, were it as old", async () => {
    const worker = spawn("sleep", ["60"], { argv0: "nginx: worker process", stdio: "ignore" });
    try {
      const stat = await run("cut", ["-d", " ", "-f", "22", `/proc/${worker.pid}/stat`]);
      expect(await reload(Number(stat.stdout))).toBe("gone");
      expect(worker.exitCode ?? worker.signalCode).toBeNull();
    } finally {
      worker.kill();
    }
  });

  it("says when no other comes", async () => {
    const { agent } = await start({ respawnAfter: null });
    expect(await reload(agent, { PATH: `${await impatience()}:${process.env.PATH}` })).toBe("no-successor");
  });

  // Root may end everything.
  it.skipIf(process.getuid?.() !== 0)("says when it may not", async () => {
    const { agent, starts } = await start();
    const [program = "", ...options] = shell;
    const [, ...script] = reloadCommand(agent);
    const { stdout } = await run(program, [...options, ...script], { uid: 65_534, gid: 65_534 });
    expect(parseReload(stdout)).toBe("denied");
    expect(await starts()).toHaveLength(1);
  });
});

describe("the answer of the reload", () => {
  it.each([
    ["", "unusable"],
    [`${RELOAD_MARK}\nagent gone\nend\n`, "gone"],
    [`${RELOAD_MARK}\nagent denied\nend\n`, "denied"],
    [`${RELOAD_MARK}\nagent ended\nend\n`, "no-successor"],
    [`${RELOAD_MARK}\nagent ended\nsucceeded\nend\n`, "succeeded"],
    [`${RELOAD_MARK}\nagent ended\nsucceeded\n`, "unusable"],
    [`agent ended\nsucceeded\nend\n`, "unusable"],
    [`${RELOAD_MARK}\nagent denied\nsucceeded\nend\n`, "unusable"],
    [`${RELOAD_MARK}\nagent ended\nsucceeded\nend\nend\n`, "unusable"],
    [`${RELOAD_MARK}\nconstructor\nend\n`, "unusable"],
    [`${RELOAD_MARK}\nend\n`, "unusable"],
  ])("%j means %s", (output, means) => {
    expect(parseReload(output)).toBe(means);
  });

  it("never means success but in its own words", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseReload(text)).toBe("unusable");
        expect(["succeeded", "gone"]).not.toContain(parseReload(`${RELOAD_MARK}\n${text}\nend\n`));
      }),
    );
  });
});
