import * as z from "zod/mini";
import { ADVICE } from "../model/advice.ts";
import {
  ACTIONS,
  BLOCKERS,
  LIFETIME_SOURCES,
  REASONS,
  TOKEN_EVIDENCE,
  TOKEN_SOURCES,
  VERDICTS,
} from "../model/decision.ts";
import { ERROR_CODES } from "../model/errors.ts";
import { CURES, OUTCOME_RESULTS } from "../model/last-restart.ts";
import { WORKLOAD_KINDS } from "../model/workload.ts";

/**
 * The JSON contract of the tool: the only definition of what a report looks like. The types and the published JSON Schema are
 * derived from it. A key is always there; what is not known is null.
 */
export const REPORT_SCHEMA = "apisix-token-guard/report/v1";
export const FLEET_SCHEMA = "apisix-token-guard/fleet/v1";

const as = <T extends z.ZodMiniType>(schema: T, description: string): T => schema.check(z.describe(description));

const instant = z.iso.datetime({ precision: 0 });
const count = z.int().check(z.nonnegative());
const moment = (description: string) => as(z.nullable(instant), description);
const seconds = (description: string) => as(z.nullable(count), description);

const interval = z
  .strictObject({ earliest: as(instant, "Not before this moment."), latest: as(instant, "Not after this moment.") })
  .check(z.meta({ id: "Interval", description: "A moment that is known to lie between two others, both included." }));

const token = z
  .strictObject({
    source: as(
      z.enum(TOKEN_SOURCES),
      "projected: renewed on disk by the kubelet; file: a file nobody renews; static: written into the configuration.",
    ),
    evidence: as(z.nullable(z.enum(TOKEN_EVIDENCE)), "What the issue time follows from; null: it is not known."),
    lifetimeSeconds: seconds("How long the API server accepts the token; null: not known."),
    lifetimeFrom: as(
      z.nullable(z.enum(LIFETIME_SOURCES)),
      "What the lifetime follows from. assumed: nothing is known and one year is taken.",
    ),
    issuedAt: as(z.nullable(interval), "When the token in memory was issued; null: not known."),
    expiresAt: as(z.nullable(interval), "When it will be refused; null: not known."),
  })
  .check(z.meta({ id: "Token", description: "The token of a gateway that can be refused first." }));

const rejections = z
  .strictObject({
    lines: as(count, "401 records of the discovery informer in the last two minutes, in all current containers."),
    pods: as(count, "Pods that logged one."),
    perHour: as(count, "The same as a rate."),
    lastAt: moment("The newest; null: none."),
    covered: as(
      z.nullable(z.boolean()),
      "Whether the logs of every running pod reach back far enough to see a refusal; null: logs were not read.",
    ),
  })
  .check(z.meta({ id: "Rejections" }));

const blocker = z
  .strictObject({
    reason: as(z.enum(BLOCKERS), "A stable word for it."),
    message: as(z.string(), "What it is, in a sentence."),
    waived: as(
      z.boolean(),
      "It applies but does not hold the restart back now: the restart is urgent, or the policy allows it.",
    ),
  })
  .check(z.meta({ id: "Blocker", description: "Something that speaks against a restart now." }));

const lastRestart = z
  .strictObject({
    at: moment("When the guard restarted or reloaded the gateway."),
    reason: as(z.nullable(z.string()), "The reason of the decision that led to it."),
    cure: as(z.nullable(z.enum(CURES)), "What was done."),
    result: as(z.nullable(z.enum(OUTCOME_RESULTS)), "How it ended; null: not known yet."),
    lifetimeSeconds: seconds("The token lifetime that refusals in this cluster had shown by then."),
    unreadable: as(z.nullable(z.string()), "Why the annotation cannot be read; then everything else is null."),
  })
  .check(z.meta({ id: "LastRestart", description: "What the annotation apisix-token-guard/last-restart says." }));

const pod = z
  .strictObject({
    name: z.string(),
    startedAt: moment("Start of the APISIX container, not of the pod; null: it does not run."),
    rejections: as(count, "401 records of its discovery informer in the last two minutes."),
    refused: as(z.boolean(), "They are enough to say that its token is refused."),
    expiresAt: as(z.nullable(interval), "When its token will be refused; null: not known."),
  })
  .check(z.meta({ id: "Pod" }));

const outcome = z
  .strictObject({
    result: z.enum(OUTCOME_RESULTS),
    restartedAt: moment(
      "When it was ordered: of a restart, its annotation kubectl.kubernetes.io/restartedAt; null: nothing was written.",
    ),
    provenAt: moment("When the result became known; null: it rests on no proof."),
    message: z.string(),
  })
  .check(
    z.meta({
      id: "Outcome",
      description: "What came of a restart or reload, as far as this run ordered it or found it ended.",
    }),
  );

const gateway = z
  .strictObject({
    namespace: z.string(),
    kind: z.enum(WORKLOAD_KINDS),
    name: z.string(),
    version: as(z.nullable(z.string()), "Version of APISIX; null: the image does not tell."),
    verdict: as(z.enum(VERDICTS), "The finding."),
    reason: as(z.enum(REASONS), "Why, as a stable word."),
    message: as(z.string(), "Why, for a person, and what to do where a restart is not the cure."),
    action: as(z.enum(ACTIONS), "What should be done. restart and reload also when blockers hold them back."),
    urgent: as(z.boolean(), "The restart does not wait for a window."),
    deadline: moment("The earliest moment at which a token of this gateway may be refused."),
    dueAt: moment("When a routine restart becomes due by age."),
    nextCheckAt: moment("When the verdict may change by the passing of time alone; null: not by time."),
    token: as(z.nullable(token), "null: no APISIX container runs."),
    rejections,
    blockers: z.array(blocker),
    lastRestart: as(z.nullable(lastRestart), "null: the guard never restarted or reloaded it."),
    pods: as(z.array(pod), "Current pods: owned by the workload and not terminating."),
    warnings: z.array(z.string()),
    outcome: as(z.nullable(outcome), "null: none was ordered or ended here."),
  })
  .check(z.meta({ id: "Gateway", description: "A workload that runs APISIX gateways." }));

const advice = z
  .strictObject({
    code: as(z.enum(ADVICE), "A stable word for it."),
    message: as(z.string(), "What to do and why, with this cluster's own numbers."),
    gateways: as(
      z.array(z.strictObject({ namespace: z.string(), kind: z.enum(WORKLOAD_KINDS), name: z.string() })),
      "Whom it would help.",
    ),
  })
  .check(z.meta({ id: "Advice", description: "What people can do beyond the restarts." }));

export const reportSchema = z
  .strictObject({
    schema: z.literal(REPORT_SCHEMA),
    cluster: as(z.string(), "Its name in the configuration, or the context of the kubeconfig."),
    gitVersion: as(z.nullable(z.string()), "Version of the API server; null: it was not reached."),
    at: as(instant, "The moment that is decided for."),
    observedAt: moment("When the cluster was looked at, by the API server's clock; null: it was not reached."),
    settled: as(
      z.nullable(z.boolean()),
      "No restart of the guard is under way or awaits its proof, and none is about to begin; null: the cluster was not observed.",
    ),
    nextCheckAt: moment("When it is worth looking again; null: time alone changes nothing."),
    error: as(
      z.nullable(z.strictObject({ code: z.enum(ERROR_CODES), message: z.string() })),
      "What stopped the look at this cluster, and what to do next.",
    ),
    warnings: z.array(z.string()),
    gateways: as(z.array(gateway), "Refused first, then by deadline, then by name."),
    advice: as(z.array(advice), "What helps for good comes first."),
  })
  .check(z.meta({ id: "Report", title: "Report on one cluster" }));

export const fleetSchema = z
  .strictObject({ schema: z.literal(FLEET_SCHEMA), clusters: z.array(reportSchema) })
  .check(z.meta({ id: "FleetReport", title: "Report on several clusters" }));

export type Report = z.infer<typeof reportSchema>;
export type FleetReport = z.infer<typeof fleetSchema>;
export type GatewayReport = Report["gateways"][number];
export type PodReport = GatewayReport["pods"][number];
export type IntervalReport = NonNullable<PodReport["expiresAt"]>;
