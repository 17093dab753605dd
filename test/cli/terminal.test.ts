import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestsYaml } from "../../src/manifests/yaml.ts";
import { type BuiltCli, buildCli, kubeconfig } from "../support/built-cli.ts";
import { type StubServer, serve } from "../support/stub-server.ts";

let cli: BuiltCli;
/** Takes connections and never says a word. */
let silent: StubServer;
beforeAll(async () => {
  cli = await buildCli();
  silent = await serve(createServer(), (port) => `https://127.0.0.1:${port}`);
  await cli.file("closed", kubeconfig({ prod: "https://127.0.0.1:9" }, "t"));
  await cli.file("silent", kubeconfig({ prod: silent.url }, "t"));
});
afterAll(async () => {
  await silent.close();
  await cli.remove();
});

describe("the command line and its terminal", () => {
  it.each([
    ["check", "nothing was changed"],
    ["remediate", "no gateway was restarted"],
    ["remediate --dry-run", "nothing was changed"],
    ["refresh edge/checkout", "no gateway was restarted"],
    ["doctor", "nothing was changed"],
  ])("%s says what it waits for after two seconds, and at Ctrl-C that %s", async (line, words) => {
    const args = [...line.split(" "), "--kubeconfig", "silent"];
    const { code, stdout, stderr } = await cli.run(args, { interruptAt: "connecting" });
    expect(stderr).toBe(`connecting\napisix-token-guard: interrupted, ${words}\n`);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  });

  it("does not mind a reader who leaves", async () => {
    const child = spawn(process.execPath, [cli.path, "check", "--kubeconfig", "closed"], { cwd: cli.folder, env: {} });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, "close");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  });

  it.each([
    ["a pipe", {}, false],
    ["a pipe with FORCE_COLOR", { FORCE_COLOR: "1" }, true],
  ])("colours for %s: %o", async (_what, env, coloured) => {
    const { stdout } = await cli.run(["check", "--kubeconfig", "closed"], { env });
    expect(stdout.includes("\u001b[")).toBe(coloured);
  });

  it.each([
    ["check", ["--kubeconfig", "--context", "--namespace", "--config", "--at", "--lifetime", "--output"]],
    ["remediate", ["--kubeconfig", "--context", "--namespace", "--config", "--dry-run", "--lifetime", "--output"]],
    ["refresh", ["--kubeconfig", "--context", "--namespace", "--config", "--dry-run", "--kind", "--output"]],
    ["doctor", ["--kubeconfig", "--context", "--namespace", "--config", "--read-only", "--audit-log", "--output"]],
    ["manifests", ["--namespace", "--selector", "--group", "--read-group"]],
  ])("prints the help of %s on stdout, with examples", async (verb, options) => {
    const help = await cli.run([verb, "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const word of [...options, "Examples:", `$ apisix-token-guard ${verb}`]) expect(help.stdout).toContain(word);
    expect(Math.max(...help.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("prints the version, and a help that names every verb", async () => {
    expect(await cli.run(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const { stdout } = await cli.run(["--help"]);
    for (const verb of ["check", "remediate", "refresh", "doctor", "manifests", "demo"]) {
      expect(stdout).toMatch(new RegExp(`^  ${verb} `, "m"));
    }
    expect(stdout).toContain("Exit codes:");
  });

  it("prints manifests without any cluster", async () => {
    const { code, stdout, stderr } = await cli.run(["manifests", "--namespace", "edge", "--group", "oidc:guard"]);
    const selector = "app.kubernetes.io/name=apisix";
    const asked = { namespaces: ["edge"], selector, group: "oidc:guard", readGroup: "apisix-token-guard-read" };
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(manifestsYaml(asked));
    const more = ["--namespace", "edge", "--group", "oidc:guard", "--read-group", "oidc:look", "--probe"];
    const withMore = await cli.run(["manifests", ...more, "--selector", "app in (edge, web), !old"]);
    const wanted = { ...asked, readGroup: "oidc:look", selector: "app in (edge, web), !old", probe: true };
    expect(withMore.stdout).toBe(manifestsYaml(wanted));
  });

  it("loads nothing of the Kubernetes client for help", async () => {
    const folder = await mkdtemp(join(tmpdir(), "coverage-"));
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    await once(spawn(process.execPath, [cli.path, "--help"], { stdio: "ignore", env }), "close");
    const [report = ""] = await readdir(folder);
    const { result } = JSON.parse(await readFile(join(folder, report), "utf8")) as { result: { url: string }[] };
    await rm(folder, { recursive: true });
    const files = result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
    const sizes = await Promise.all(files.map(async (url) => (await readFile(new URL(url))).length));
    expect(files.length).toBeGreaterThan(0);
    // The client alone is a megabyte.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(500_000);
  });
});
