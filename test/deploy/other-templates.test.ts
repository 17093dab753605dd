import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { DEFAULT_GROUP } from "../../src/manifests/group.ts";
import { describeMoto } from "../support/deploy/moto/suite.ts";

/** Templates that people deploy by hand, where the guard's own stack cannot reach. */
const TEMPLATES = ["infra/other-account.yml", "infra/cluster-access.yml"];

describeMoto("templates for other accounts and regions", (programs) => {
  it("have no fault that cfn-lint knows", async () => {
    const { stdout } = await promisify(execFile)(`${programs}/cfn-lint`, TEMPLATES);
    expect(stdout).toBe("");
  });

  it.each(TEMPLATES)("%s puts the guard into the group of the manifests", (path) => {
    expect(readFileSync(path, "utf8")).toContain(`KubernetesGroups: [${DEFAULT_GROUP}]`);
  });
});
