import { readFileSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { ALARM_NAMES } from "../../infra/alarms.ts";
import { FLEET_METRICS } from "../../infra/metrics.ts";
import type { ClusterSummary } from "../../src/model/fleet.ts";
import { fleetMetrics } from "../../src/report/metrics.ts";
import { ofType, propertiesOf } from "../support/deploy/template.ts";

const { template } = inject("compiled").plain;
const alarms = ofType(template, "AWS::CloudWatch::Alarm");

const AT_LEAST = "GreaterThanOrEqualToThreshold";
const BELOW = "LessThanThreshold";

/** Name, metric, statistic, comparison, threshold, quarters of an hour in a row, what silence means. */
const ROWS = [
  ["Refused", "Refused", "Maximum", AT_LEAST, 1, 1, "ignore"],
  ["Unfixable", "Unfixable", "Maximum", AT_LEAST, 1, 1, "ignore"],
  ["Unknown", "Unknown", "Maximum", AT_LEAST, 1, 3, "ignore"],
  ["UrgentBlocked", "UrgentBlocked", "Maximum", AT_LEAST, 1, 1, "ignore"],
  ["RestartFailed", "RestartFailed", "Maximum", AT_LEAST, 1, 1, "ignore"],
  ["LifeLeftLow", "MinLifeLeftPercent", "Minimum", BELOW, 10, 1, "ignore"],
  ["ClustersUnknown", "ClustersUnknown", "Maximum", AT_LEAST, 1, 3, "ignore"],
  ["StartFailed", "StartFailed", "Maximum", AT_LEAST, 1, 2, "ignore"],
  ["RestartNotDone", "RestartNotDone", "Maximum", AT_LEAST, 1, 2, "notBreaching"],
  ["SweepMissing", "SweepEnded", "Maximum", BELOW, 1, 4, "breaching"],
  ["SweepIncomplete", "SweepCompleted", "Maximum", BELOW, 1, 4, "breaching"],
] as const;

describe("alarms on what the guard tells", () => {
  it.each(ROWS)("%s", (name, MetricName, Statistic, ComparisonOperator, Threshold, quarters, TreatMissingData) => {
    expect(alarms[`${name}Alarm`]).toMatchObject({
      AlarmName: `apisix-token-guard-prod-${name}`,
      Namespace: "ApisixTokenGuard",
      Dimensions: [{ Name: "service", Value: "apisix-token-guard-prod" }],
      MetricName,
      Statistic,
      ComparisonOperator,
      Threshold,
      Period: 900,
      EvaluationPeriods: quarters,
      DatapointsToAlarm: quarters,
      TreatMissingData,
    });
  });
});

describe("alarms on the functions themselves", () => {
  it.each([
    ["FunctionErrorsAlarm", "Errors", 1],
    ["FunctionThrottlesAlarm", "Throttles", 4],
  ])("%s adds up the three", (id, metric, quarters) => {
    const { Metrics, ...alarm } = alarms[id] as { Metrics: { Expression?: string; MetricStat?: object }[] };
    expect(alarm).toMatchObject({ Threshold: 1, EvaluationPeriods: quarters, TreatMissingData: "notBreaching" });
    expect(Metrics[0]?.Expression).toBe("SUM([sweep, remediate, refresh])");
    expect(Metrics.slice(1).map(({ MetricStat }) => MetricStat)).toEqual(
      ["sweep", "remediate", "refresh"].map((name) => ({
        Metric: {
          Namespace: "AWS/Lambda",
          MetricName: metric,
          Dimensions: [{ Name: "FunctionName", Value: `apisix-token-guard-prod-${name}` }],
        },
        Period: 900,
        Stat: "Sum",
      })),
    );
  });

  it("one tells of messages in the failure queue", () => {
    expect(alarms.FailuresWaitingAlarm).toMatchObject({
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["Failures", "QueueName"] } }],
      Threshold: 1,
    });
  });
});

it("what they watch, and no more, is what a sweep measures", () => {
  const summary: ClusterSummary = {
    cluster: "prod",
    at: 0,
    error: null,
    gateways: 1,
    verdicts: {},
    attention: 0,
    urgentBlocked: 0,
    minLifeLeftPercent: 50,
    wants: null,
    inFlight: null,
    ended: { good: 0, bad: 0 },
  };
  const measured = fleetMetrics({ at: 0, summaries: [summary], plan: { starts: [], waiting: [] }, started: [] });
  expect(measured.map(({ name }) => name).sort()).toEqual(FLEET_METRICS.toSorted());
});

describe("every alarm", () => {
  const runbook = readFileSync("docs/runbook.md", "utf8");

  it("is one of those that are known", () => {
    expect(Object.keys(alarms)).toEqual(ALARM_NAMES.map((name) => `${name}Alarm`));
  });

  it.each(ALARM_NAMES)("%s tells the topic, and where in the runbook it is explained", (name) => {
    const { AlarmDescription, AlarmActions, OKActions } = alarms[`${name}Alarm`] ?? {};
    expect([AlarmActions, OKActions]).toEqual([[{ Ref: "Topic" }], [{ Ref: "Topic" }]]);
    expect(AlarmDescription).toMatch(
      new RegExp(`^[A-Z].{40,900}\\. Runbook: docs/runbook\\.md#alarm-${name.toLowerCase()}$`),
    );
    expect(runbook).toContain(`\n### Alarm: ${name}\n`);
  });

  it("reaches the address that is given", () => {
    expect(ofType(inject("compiled").full.template, "AWS::SNS::Subscription")).toEqual({
      TopicEmail: { TopicArn: { Ref: "Topic" }, Protocol: "email", Endpoint: "ops@example.org" },
    });
  });
});

describe("the dashboard", () => {
  it("is JSON, names every metric of the fleet and shows every alarm", () => {
    const { DashboardBody } = propertiesOf(template, "Dashboard") as { DashboardBody: { "Fn::Sub": string } };
    const { widgets } = JSON.parse(DashboardBody["Fn::Sub"]) as { widgets: { properties: { alarms?: string[] } }[] };
    expect(widgets.flatMap(({ properties }) => properties.alarms ?? [])).toEqual(
      Object.values(alarms).map(
        ({ AlarmName }) => `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${AlarmName}`,
      ),
    );
    for (const name of FLEET_METRICS)
      expect(DashboardBody["Fn::Sub"]).toContain(`"ApisixTokenGuard","${name}","service"`);
  });
});
