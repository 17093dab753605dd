import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { MANIFESTS_FILE, publishedManifests } from "../../tools/manifests.ts";

it("the published manifests are what `node tools/manifests.ts` writes", async () => {
  expect(await readFile(MANIFESTS_FILE, "utf8")).toBe(publishedManifests());
});
