import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { setUp } from "../../src/cli/setup.ts";
import { kubeconfig } from "../support/built-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "setup-"));
  await writeFile(join(folder, "kubeconfig"), kubeconfig({ prod: "https://127.0.0.1:9" }, "t"));
  await writeFile(join(folder, "guard.yml"), "evidence: { audit: true }");
});
afterAll(() => rm(folder, { recursive: true }));

it.each([
  ["that takes an audit log and got none is told how to give one", { auditLog: [] }, [/give --audit-log FILE/]],
  ["that has no use for one is told nothing of it", {}, []],
])("a verb %s, where guard.yml wants EKS' own", async (_which, options, warnings) => {
  const setup = await setUp({
    kubeconfig: join(folder, "kubeconfig"),
    config: join(folder, "guard.yml"),
    context: [],
    namespace: [],
    ...options,
  });
  expect(setup.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning)));
});
