import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { publishedSchemas } from "../../tools/schemas.ts";

describe("the published JSON Schemas", () => {
  it.each([...publishedSchemas()])("%s is what `node tools/schemas.ts` writes", async (path, content) => {
    expect(await readFile(path, "utf8")).toBe(content);
  });
});
