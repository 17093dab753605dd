import { afterEach, expect, test, vi } from "vitest";
import type { TestProject } from "vitest/node";
import type { ProvidedControlPlane } from "../../support/control-plane/suite.ts";
import setup from "../global-setup.ts";

/** A PATH without Go, which is what makes the suite impossible. */
const NOWHERE = "/nonexistent";

afterEach(() => vi.unstubAllEnvs());

function projectThatNotes(): { project: TestProject; provided: ProvidedControlPlane[] } {
  const provided: ProvidedControlPlane[] = [];
  const provide = (_key: string, value: ProvidedControlPlane) => provided.push(value);
  return { project: { provide } as unknown as TestProject, provided };
}

test("without Go the suites learn the reason by which they are skipped", async () => {
  vi.stubEnv("PATH", NOWHERE).stubEnv("CI", "");
  const { project, provided } = projectThatNotes();
  await setup(project);
  expect(provided).toEqual([{ ok: false, reason: expect.stringContaining("`go` is not on the PATH") }]);
});

test("in CI the same is a failure", async () => {
  vi.stubEnv("PATH", NOWHERE).stubEnv("CI", "true");
  await expect(setup(projectThatNotes().project)).rejects.toThrow("`go` is not on the PATH");
});
