import * as z from "zod/mini";
import { clusterName, namespace } from "../config/fields.ts";
import { pathText, problemsOf } from "../config/problems.ts";
import { GuardError } from "../model/errors.ts";
import { WORKLOAD_KINDS } from "../model/workload.ts";

/** What the functions may be asked. Everything else is refused before anything is done. */

/** An object that refuses unknown keys; the error text of such a key is the list of known ones (config/problems.ts). */
function only<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, { error: ({ code }) => (code === "unrecognized_keys" ? known : "an object") });
}

/** A timer sends what it likes. */
const sweep = z.looseObject({});

const hold = only({
  restarts: z.enum(["routine", "all"]),
  why: z.string({ error: "text" }),
});

const remediate = only({
  /** The name by which sweeps call it. */
  cluster: clusterName,
  hold: z.prefault(z.nullable(hold), null),
});

/** A DNS subdomain (RFC 1123), as Kubernetes names workloads. */
const workloadName = z
  .string({ error: "the name of a workload" })
  .check(z.regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, { error: "the name of a workload" }));

const refresh = only({
  cluster: clusterName,
  namespace,
  name: workloadName,
  kind: z.prefault(z.nullable(z.enum(WORKLOAD_KINDS)), null),
});

export type RemediatePayload = z.output<typeof remediate>;
export type RefreshPayload = z.output<typeof refresh>;

export const readSweep = reader(sweep, "{}");
export const readRemediate = reader(remediate, '{"cluster":"prod"}');
export const readRefresh = reader(refresh, '{"cluster":"prod","namespace":"edge","name":"checkout"}');

/** Reads one kind of payload; what is wrong with another is told all at once. Throws GuardError `BadUsage`. */
function reader<S extends z.ZodMiniType>(schema: S, example: string) {
  return (payload: unknown): z.output<S> => {
    const result = schema.safeParse(payload, { reportInput: true });
    if (result.success) return result.data;
    const faults = problemsOf(result.error.issues, payload).map(({ path, message }) =>
      path.length === 0 ? "it must be a JSON object" : `${pathText(path)}: ${message}`,
    );
    throw new GuardError("BadUsage", `The payload is refused: ${faults.join("; ")}. An example: ${example}`);
  };
}
