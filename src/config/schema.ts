import * as z from "zod/mini";
import { DEFAULT_SELECTOR } from "../model/gateway-selector.ts";
import type { Cure } from "../model/last-restart.ts";
import type { Risk, Weekday } from "../model/policy.ts";
import * as field from "./fields.ts";
import { SHORTEST_TOKEN_LIFETIME } from "./limits.ts";
import { listRule, rule } from "./rule.ts";
import * as rules from "./rules.ts";

/**
 * guard.yml: the one definition from which validation, the types and the published JSON Schema come.
 */

const WEEKDAYS = {
  mon: "mon",
  tue: "tue",
  wed: "wed",
  thu: "thu",
  fri: "fri",
  sat: "sat",
  sun: "sun",
} as const satisfies {
  [Day in Weekday]: Day;
};

const RISKS = {
  recreate: "recreate",
  onDelete: "onDelete",
  partition: "partition",
  configChanged: "configChanged",
  standalone: "standalone",
  latest: "latest",
} as const satisfies { [Name in Risk]: Name };

/** A mapping that refuses unknown keys. The error text of such a key is the list of known ones (problems.ts). */
const mapping = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? Object.keys(shape).join(", ") : "a mapping"),
  });

const list = <Item extends z.core.SomeType>(item: Item) =>
  z.array(item, { error: "a list" }).check(listRule(rules.noneTwice));

const about = (text: string) => z.describe(text);

const clusterSettings = {
  mode: z.prefault(z.enum(["check", "remediate"]), "check").check(about("check reports; remediate may also restart.")),
  roleArn: z.optional(field.roleArn).check(about("IAM role to assume first, for a cluster of another account.")),
  readRoleArn: z
    .optional(field.roleArn)
    .check(about("IAM role that the sweep assumes in its place, which only looks.")),
  tokenLifetime: z
    .optional(field.duration(SHORTEST_TOKEN_LIFETIME))
    .check(about("How long the API server accepts a token, where that is known better than it can be found out.")),
};

const namedCluster = mapping({
  name: field.clusterName.check(about("Name of the EKS cluster; on the command line a kubeconfig context.")),
  region: z.optional(field.region).check(about("AWS region of the cluster.")),
  ...clusterSettings,
});

const discoveredClusters = mapping({
  discover: mapping({
    regions: list(field.region).check(z.minLength(1, { error: "a list of at least one region" })),
    tags: z.prefault(
      z.record(z.string(), z.string({ error: "text; put it in quotes" }), { error: "a mapping of tags" }),
      {},
    ),
  }).check(about("Every EKS cluster of these regions that carries all of these tags.")),
  ...clusterSettings,
});

const window = mapping({
  days: list(z.enum(WEEKDAYS))
    .check(z.minLength(1, { error: "a list of at least one day" }))
    .check(about("Days on which the window opens.")),
  from: field.timeOfDay,
  to: field.timeOfDay.check(about("Before `from`: on the next day.")),
  timeZone: field.timeZone,
}).check(rule(["from", "to"], rules.windowOpens));

const freeze = mapping({
  from: field.calendarDate,
  to: field.calendarDate.check(about("The last day of the freeze.")),
  timeZone: z.prefault(field.timeZone, "UTC"),
}).check(rule(["from", "to"], rules.freezeEndsAfterStart));

const CURES = { restart: "restart", reload: "reload" } as const satisfies { [Name in Cure]: Name };

const policy = mapping({
  cure: z
    .prefault(z.enum(CURES), "restart")
    .check(
      about(
        "What is done about a token that is old: restart the pods, or reload it in them; needs evidence.probe and evidence.logs.",
      ),
    ),
  restartEvery: z.prefault(field.duration(), "60d").check(about("Restart when the oldest token is this old.")),
  restartBefore: z
    .prefault(field.duration(), "30d")
    .check(about("Restart this long before the token may be refused, clipped to a third of its lifetime.")),
  urgentBefore: z
    .prefault(field.duration(), "10d")
    .check(
      about("From here on windows and freezes no longer hold a restart back; clipped to a ninth of the lifetime."),
    ),
  cooldown: z.prefault(field.duration(), "1h").check(about("At least this long between two restarts of one gateway.")),
  proofPeriod: z
    .prefault(field.duration(), "100s")
    .check(about("How long new logs must stay clean to count as cured.")),
  windows: z
    .prefault(z.array(window, { error: "a list" }), [])
    .check(about("When routine restarts may happen; none: any time.")),
  freeze: z.prefault(z.array(freeze, { error: "a list" }), []).check(about("Days without routine restarts.")),
  allowRisky: z
    .prefault(list(z.enum(RISKS)), [])
    .check(about("Restarts that can do harm and are refused until named here.")),
}).check(
  rule(["urgentBefore", "restartBefore"], rules.becomesUrgentAfterDue),
  rule(["cooldown", "proofPeriod"], rules.cooldownOutlastsProof),
  rule(["restartEvery", "cooldown"], rules.intervalOutlastsCooldown),
  rule(["proofPeriod"], rules.proofEndsInTime),
);

const clusters = z
  .array(z.union([namedCluster, discoveredClusters]), { error: "a list" })
  .check(listRule(rules.clustersNamedOnce));

const gateways = mapping({
  selector: z.prefault(field.selector, DEFAULT_SELECTOR).check(about("Label selector of the workloads.")),
  namespaces: z.prefault(list(field.namespace), []).check(about("Where to look; none: in all namespaces.")),
});

const evidence = mapping({
  logs: z.prefault(field.flag, true).check(about("Read recent log lines for refusals.")),
  config: z.prefault(field.flag, true).check(about("Read the ConfigMaps of a gateway for its service discovery.")),
  audit: z
    .prefault(field.flag, false)
    .check(about("Read the audit log that EKS keeps in CloudWatch for exact token ages; needs logs:FilterLogEvents.")),
  probe: z
    .prefault(field.flag, false)
    .check(about("Ask the running containers for their token's claims and age; needs pods/exec.")),
});

export const guardSchema = mapping({
  clusters: z.prefault(clusters, []),
  gateways: z.prefault(gateways, {}),
  evidence: z.prefault(evidence, {}),
  policy: z.prefault(policy, {}),
}).check(
  rule(["clusters", "policy"], rules.tokenOutlivesCooldown),
  rule(["clusters"], rules.readsWhereItRestarts),
  rule(["policy", "evidence"], rules.reloadNeedsEvidence),
);

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** guard.yml once read: lengths in milliseconds, nothing missing, frozen. */
export type GuardConfig = DeepReadonly<z.output<typeof guardSchema>>;

export type ClusterEntry = GuardConfig["clusters"][number];
