import { describe, expect, it } from "vitest";
import { jsonSchemas } from "../../src/report/json-schema.ts";

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Every object of a JSON document, the document itself included. */
function* nodes(value: unknown): Generator<Node> {
  if (!isNode(value)) return;
  yield value;
  for (const child of Object.values(value)) yield* nodes(child);
}

const { report, fleet, doctor } = jsonSchemas();
const all = [...nodes(report), ...nodes(fleet), ...nodes(doctor)];

describe("the published JSON Schema", () => {
  it("is of draft 2020-12", () => {
    for (const schema of [report, fleet, doctor]) {
      expect(schema).toHaveProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
    }
  });

  it("wants every key and knows no other", () => {
    const objects = all.filter(({ type, properties }) => type === "object" && isNode(properties));
    expect(objects.length).toBeGreaterThan(10);
    for (const { properties, required, additionalProperties } of objects) {
      expect(required).toEqual(Object.keys(properties as Node));
      expect(additionalProperties).toBe(false);
    }
  });

  it("writes moments in UTC with whole seconds", () => {
    const moments = all.filter(({ format }) => format === "date-time");
    expect(moments.length).toBeGreaterThan(10);
    for (const { pattern } of moments) {
      const form = new RegExp(String(pattern), "u");
      expect(form.test("2026-06-01T12:00:00Z")).toBe(true);
      for (const other of [
        "2026-06-01T12:00:00.5Z",
        "2026-06-01T12:00:00+02:00",
        "2026-06-01",
        "x2026-06-01T12:00:00Z",
      ]) {
        expect(form.test(other)).toBe(false);
      }
    }
  });

  it("holds the report on one cluster in the report on several", () => {
    const part = (schema: object) => (schema as { $defs?: Record<string, unknown> }).$defs?.Report;
    expect(part(fleet)).toBeDefined();
    expect(part(fleet)).toEqual(part(report));
  });
});
