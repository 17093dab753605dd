import * as z from "zod/mini";
import { CHECK_STATES, CHECKS, type CheckState, type Checkup } from "../model/checkup.ts";
import { isoSeconds } from "../model/time.ts";
import type { ExitCode } from "./exit-code.ts";

/** The JSON contract of `doctor`. A key is always there; what is not known is null. */
export const CHECKUP_SCHEMA = "apisix-token-guard/doctor/v1";

const as = <T extends z.ZodMiniType>(schema: T, description: string): T => schema.check(z.describe(description));

const check = z
  .strictObject({
    check: as(z.enum(CHECKS), "What was looked at."),
    subject: as(z.nullable(z.string()), "The gateway or permission it is about; null: the cluster."),
    state: as(
      z.enum(CHECK_STATES),
      "warning: it works, and somebody should know. unknown: it could not be checked. skipped: nothing to check.",
    ),
    message: as(z.string(), "For a person: the finding, and what to do."),
  })
  .check(z.meta({ id: "Check" }));

const cluster = z
  .strictObject({
    cluster: as(z.string(), "Its name in the configuration, or the context of the kubeconfig."),
    at: as(z.iso.datetime({ precision: 0 }), "The API server's time, or the guard's own where it was not reached."),
    gitVersion: as(z.nullable(z.string()), "Version of the API server; null: it was not reached."),
    checks: z.array(check),
  })
  .check(z.meta({ id: "ClusterCheckup" }));

export const checkupSchema = z
  .strictObject({ schema: z.literal(CHECKUP_SCHEMA), clusters: z.array(cluster) })
  .check(z.meta({ title: "What apisix-token-guard doctor found" }));

export type CheckupReport = z.infer<typeof checkupSchema>;
export type ClusterCheckup = CheckupReport["clusters"][number];

export function buildCheckup(checkups: readonly Checkup[]): CheckupReport {
  const clusters = checkups.map(({ cluster, at, gitVersion, checks }) => ({
    cluster,
    at: isoSeconds(at),
    gitVersion,
    checks: checks.map(({ check, subject, state, message }) => ({ check, subject, state, message })),
  }));
  return { schema: CHECKUP_SCHEMA, clusters };
}

const EXIT_CODE: Readonly<Record<CheckState, ExitCode>> = { ok: 0, warning: 0, skipped: 0, unknown: 1, wrong: 2 };

/** The worst of all. Looking at nothing is not a success. */
export function checkupExitCode({ clusters }: CheckupReport): ExitCode {
  const codes = clusters.flatMap(({ checks }) => checks.map(({ state }) => EXIT_CODE[state]));
  return codes.length === 0 ? 1 : codes.reduce((a, b) => (b > a ? b : a));
}
