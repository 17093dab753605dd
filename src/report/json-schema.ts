import * as z from "zod/mini";
import { checkupSchema } from "./checkup-schema.ts";
import { fleetSchema, reportSchema } from "./schema.ts";

/** RFC 3339 in UTC with whole seconds. zod's own pattern also knows leap years, which is six lines that nobody can read. */
const INSTANT = String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$`;

/** The published JSON Schemas (draft 2020-12) of the report on one cluster, of the report on several, and of `doctor`. */
export function jsonSchemas(): { readonly report: object; readonly fleet: object; readonly doctor: object } {
  return { report: publish(reportSchema), fleet: publish(fleetSchema), doctor: publish(checkupSchema) };
}

function publish(schema: typeof reportSchema | typeof fleetSchema | typeof checkupSchema): object {
  return z.toJSONSchema(schema, {
    target: "draft-2020-12",
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === "date-time") jsonSchema.pattern = INSTANT;
      // Every whole number of JSON is meant; the bound is only JavaScript's.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}
