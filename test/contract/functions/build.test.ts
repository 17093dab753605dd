import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const FUNCTIONS = ["sweep", "remediate", "refresh"] as const;
/** Lambda fetches and unpacks it at every cold start. */
const MOST_BYTES = 450 * 1024;

describe("the build of the functions", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "functions-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const build = async (guard: string, out: string) => {
    const config = join(folder, "guard.yml");
    await writeFile(config, guard);
    const { status, stderr } = spawnSync(process.execPath, ["tools/build-functions.ts", join(folder, out)], {
      env: { ...process.env, GUARD_CONFIG: config },
      encoding: "utf8",
    });
    return { status, stderr };
  };

  it("makes three functions and their configuration, small enough for a cold start", async () => {
    const guard = "clusters:\n  - { name: prod, tokenLifetime: 90d }\n  - discover: { regions: [eu-west-1] }\n";
    expect(await build(guard, "out")).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(await readFile(join(folder, "out/guard.json"), "utf8"))).toEqual({
      clusters: [{ name: "prod", tokenLifetime: "90d" }, { discover: { regions: ["eu-west-1"] } }],
    });
    for (const name of FUNCTIONS) {
      const code = await readFile(join(folder, `out/${name}.cjs`));
      expect(gzipSync(code).length).toBeLessThanOrEqual(MOST_BYTES);
      const { stdout } = spawnSync(
        process.execPath,
        ["-p", `typeof require(${JSON.stringify(join(folder, `out/${name}.cjs`))}).handler`],
        { encoding: "utf8", env: {} },
      );
      expect(stdout).toBe("function\n");
    }
  });

  it("refuses a guard.yml with mistakes, tells them all and leaves nothing that could be deployed", async () => {
    const { status, stderr } = await build(
      "clusters:\n  - { name: '' }\npolicy: { cooldown: soon }\nextra: 1\n",
      "bad",
    );
    expect(status).toBe(1);
    for (const part of [
      "has 3 mistakes",
      "line 2",
      "clusters[0].name",
      "line 3",
      "policy.cooldown",
      "line 4",
      "extra",
    ]) {
      expect(stderr).toContain(part);
    }
    await expect(readFile(join(folder, "bad/guard.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("tells what is legal and probably not meant, and goes on", async () => {
    expect(await build("policy: { proofPeriod: 10s }\n", "odd")).toEqual({
      status: 0,
      stderr: expect.stringContaining("policy.proofPeriod"),
    });
  });
});
