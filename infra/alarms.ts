import { attribute, type Resource, type Resources, ref } from "./cloudformation.ts";
import { type FleetMetric, NAMESPACE, QUARTER, serviceDimension, sumOverFunctions } from "./metrics.ts";
import { SERVICE, type Settings } from "./settings.ts";

/** The runbook has a section for each: `Alarm: Refused`. */
export const ALARM_NAMES = [
  "Refused",
  "Unfixable",
  "Unknown",
  "UrgentBlocked",
  "RestartFailed",
  "LifeLeftLow",
  "ClustersUnknown",
  "StartFailed",
  "RestartNotDone",
  "SweepMissing",
  "SweepIncomplete",
  "FunctionErrors",
  "FunctionThrottles",
  "FailuresWaiting",
] as const;
type AlarmName = (typeof ALARM_NAMES)[number];

export const alarmName = ({ stage }: Pick<Settings, "stage">, name: string): string => `${SERVICE}-${stage}-${name}`;

interface Alarm {
  /** What to do; the section of the runbook is added. */
  readonly todo: string;
  /** How many quarters of an hour in a row. */
  readonly quarters: number;
  readonly watches: object;
}

export function alarms(settings: Settings): Resources {
  return Object.fromEntries(
    Object.entries(definitions(settings)).map(([name, alarm]) => [`${name}Alarm`, resource(name, alarm, settings)]),
  );
}

const resource = (name: string, { todo, quarters, watches }: Alarm, settings: Settings): Resource => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: {
    AlarmName: alarmName(settings, name),
    AlarmDescription: `${todo} Runbook: docs/runbook.md#alarm-${name.toLowerCase()}`,
    EvaluationPeriods: quarters,
    DatapointsToAlarm: quarters,
    AlarmActions: [ref("Topic")],
    OKActions: [ref("Topic")],
    ...watches,
  },
});

/** A gauge keeps its last state while nothing comes in: that the guard is silent is for `SweepMissing` to say. */
const definitions = (settings: Settings): Readonly<Record<AlarmName, Alarm>> => ({
  Refused: {
    todo: "The API server refuses the token of a gateway now; its endpoints are frozen. In mode remediate the guard is restarting it: watch. In mode check restart it yourself.",
    quarters: 1,
    watches: fleet("Refused", "atLeast", 1, settings),
  },
  Unfixable: {
    todo: "A gateway is refused, or cannot be kept alive by restarts, and a restart is not the cure. Read its reason in the report and do what that says.",
    quarters: 1,
    watches: fleet("Unfixable", "atLeast", 1, settings),
  },
  Unknown: {
    todo: "For three quarters of an hour the guard could not tell whether a gateway is refused. Mend what the report names: permissions, pods, or a log that is too loud.",
    quarters: 3,
    watches: fleet("Unknown", "atLeast", 1, settings),
  },
  UrgentBlocked: {
    todo: "A gateway must be restarted now and something holds it back. Remove the blocker that the report names.",
    quarters: 1,
    watches: fleet("UrgentBlocked", "atLeast", 1, settings),
  },
  RestartFailed: {
    todo: "The pods of a restart do not become ready, or are refused as well. The old pods go on serving; mend the rollout before their tokens end.",
    quarters: 1,
    watches: fleet("RestartFailed", "atLeast", 1, settings),
  },
  LifeLeftLow: {
    todo: "A token has less than a tenth of its life left; urgent restarts begin at a ninth. Find out what holds this one back, in mode check that is you.",
    quarters: 1,
    watches: fleet("MinLifeLeftPercent", "below", 10, settings),
  },
  ClustersUnknown: {
    todo: "For three quarters of an hour a cluster could not be looked at. Mend sign-in, network or permissions, as the report says.",
    quarters: 3,
    watches: fleet("ClustersUnknown", "atLeast", 1, settings),
  },
  StartFailed: {
    todo: "For half an hour the sweep could not start remediate: what is due is not done. Look at the log of the sweep, and whether the function is there.",
    quarters: 2,
    watches: fleet("StartFailed", "atLeast", 1, settings),
  },
  RestartNotDone: {
    todo: "For half an hour remediate could not do what it was started for: it cannot sign in, or the API server does not take its restart. Read its log; give its role an access entry, and its group the permissions.",
    quarters: 2,
    watches: { ...fleet("RestartNotDone", "atLeast", 1, settings), ...quiet },
  },
  SweepMissing: {
    todo: "For an hour no sweep has come to its end: nobody is watching. Look at the log of the sweep and at its schedule. Normal for the first minutes after the first deployment.",
    quarters: 4,
    watches: { ...fleet("SweepEnded", "below", 1, settings), TreatMissingData: "breaching" },
  },
  SweepIncomplete: {
    todo: "For an hour no sweep has seen all clusters. The answer of the sweep names those that are unknown; mend their sign-in or network, or take them out of guard.yml.",
    quarters: 4,
    watches: { ...fleet("SweepCompleted", "below", 1, settings), TreatMissingData: "breaching" },
  },
  FunctionErrors: {
    todo: "A function crashed or ran into its time limit. The next sweep goes on where it was; read the log, and report it if it comes again.",
    quarters: 1,
    watches: { ...atLeast(1), ...quiet, Metrics: sumOverFunctions("Errors", "Errors of all functions", settings) },
  },
  FunctionThrottles: {
    todo: "For an hour Lambda has held functions back. Raise remediateConcurrency, or the concurrency of the account.",
    quarters: 4,
    watches: {
      ...atLeast(1),
      ...quiet,
      Metrics: sumOverFunctions("Throttles", "Throttles of all functions", settings),
    },
  },
  FailuresWaiting: {
    todo: "Something never ran, or was given up. Read the message in the queue, then purge it.",
    quarters: 1,
    watches: {
      ...atLeast(1),
      ...quiet,
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: attribute("Failures", "QueueName") }],
      Statistic: "Maximum",
      Period: QUARTER,
    },
  },
});

const atLeast = (Threshold: number) => ({ ComparisonOperator: "GreaterThanOrEqualToThreshold", Threshold });
const below = (Threshold: number) => ({ ComparisonOperator: "LessThanThreshold", Threshold });

/** Counters of AWS' own that send nothing when there is nothing to count. */
const quiet = { TreatMissingData: "notBreaching" } as const;

/** The worst value of a quarter counts. */
function fleet(MetricName: FleetMetric, limit: "atLeast" | "below", threshold: number, settings: Settings): object {
  const common = { Namespace: NAMESPACE, MetricName, Dimensions: [serviceDimension(settings)], Period: QUARTER };
  const seen = MetricName.startsWith("Sweep") || limit === "atLeast" ? "Maximum" : "Minimum";
  const comparison = limit === "atLeast" ? atLeast(threshold) : below(threshold);
  return { ...common, ...comparison, Statistic: seen, TreatMissingData: "ignore" };
}
