/**
 * Writes the JSON Schemas that are published under docs/schema/, each from the definition the program itself uses. Run it after
 * changing one: `node tools/schemas.ts`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import * as z from "zod/mini";
import { guardSchema } from "../src/config/schema.ts";
import { jsonSchemas } from "../src/report/json-schema.ts";

const FOLDER = "docs/schema";

/** The text of every published file by its path. */
export function publishedSchemas(): ReadonlyMap<string, string> {
  const { report, fleet, doctor } = jsonSchemas();
  // What a person writes, not what the program makes of it; rules between fields are beyond JSON Schema.
  const guard = { title: "guard.yml of apisix-token-guard", ...z.toJSONSchema(guardSchema, { io: "input" }) };
  const schemas = { guard, report, fleet, doctor };
  return new Map(Object.entries(schemas).map(([name, schema]) => [`${FOLDER}/${name}.schema.json`, text(schema)]));
}

const text = (schema: object): string => `${JSON.stringify(schema, null, 2)}\n`;

if (import.meta.main) {
  await mkdir(FOLDER, { recursive: true });
  for (const [path, content] of publishedSchemas()) await writeFile(path, content);
}
