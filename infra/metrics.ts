import type { Settings } from "./settings.ts";
import { FUNCTIONS, functionName, SERVICE } from "./settings.ts";

/** As serverless.yml tells the functions. */
export const NAMESPACE = "ApisixTokenGuard";

/** With the stage in it: or a stage that is well would hide that another one is dead. */
export const serviceDimension = ({ stage }: Pick<Settings, "stage">) => ({
  Name: "service",
  Value: `${SERVICE}-${stage}`,
});

/** What every sweep tells of the whole fleet, zeroes included. */
export const FLEET_METRICS = [
  "Gateways",
  "Refused",
  "Unfixable",
  "Unknown",
  "UrgentBlocked",
  "RestartFailed",
  "MinLifeLeftPercent",
  "ClustersUnknown",
  "Started",
  "StartFailed",
  "SweepEnded",
  "SweepCompleted",
] as const;

/** What every run that heals tells. */
export const HEAL_METRICS = ["RestartNotDone"] as const;

export type FleetMetric = (typeof FLEET_METRICS)[number] | (typeof HEAL_METRICS)[number];

/** A quarter of an hour, in seconds. */
export const QUARTER = 900;

/** The sum of one metric of Lambda over all functions, as CloudWatch's metric math. */
export function sumOverFunctions(metric: string, label: string, settings: Settings): object[] {
  const parts = FUNCTIONS.map((name) => ({
    Id: name,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: "AWS/Lambda",
        MetricName: metric,
        Dimensions: [{ Name: "FunctionName", Value: functionName(settings, name) }],
      },
      Period: QUARTER,
      Stat: "Sum",
    },
  }));
  return [{ Id: "all", Label: label, Expression: `SUM([${FUNCTIONS.join(", ")}])`, ReturnData: true }, ...parts];
}
