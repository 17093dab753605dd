import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "guard-config-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const refusal = (path: string | null) =>
  loadConfig(path).then(
    () => null,
    (error: { code: string; message: string }) => error,
  );

describe("loading guard.yml", () => {
  it("takes the defaults when nobody named a file and there is none", async () => {
    const { config } = await loadConfig(null);
    expect(config.policy.restartEvery).toBe(5_184_000_000);
  });

  it("reads the named file", async () => {
    const file = join(folder, "mine.yml");
    await writeFile(file, "\ufeffpolicy: { cooldown: 2h }\r\n");
    expect((await loadConfig(file)).config.policy.cooldown).toBe(7_200_000);
  });

  it.each([
    ["a file that is missing", "missing.yml", "there is no such file"],
    ["a directory", ".", "it is a directory"],
  ])("refuses %s", async (_what, name, why) => {
    const error = await refusal(join(folder, name));
    expect(error).toMatchObject({ code: "BadConfig" });
    expect(error?.message).toContain(why);
  });

  it.each([
    ["UTF-16", Buffer.from("\ufeffclusters: []", "utf16le")],
    ["no text at all", Buffer.from([0x80, 0xff, 0x00])],
  ])("refuses %s", async (_what, bytes) => {
    const file = join(folder, "odd.yml");
    await writeFile(file, bytes);
    expect((await refusal(file))?.message).toContain("not UTF-8");
  });

  it("names the file in the error, and nothing that acts on the terminal", async () => {
    const error = await refusal(join(folder, "\u001b[31mred.yml"));
    expect(error?.message).toContain("\\u{1b}[31mred.yml");
  });
});
