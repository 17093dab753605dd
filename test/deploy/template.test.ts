import { describe, expect, inject, it } from "vitest";
import { ofType, propertiesOf } from "../support/deploy/template.ts";

/** The compiled template where it does not depend on guard.yml: moto ignores half of these resources without a word. */

const { template, packages, output } = inject("compiled").plain;

it("the framework has nothing to complain about", () => {
  expect(output).not.toMatch(/warning|deprecat/i);
});

describe("the schedule", () => {
  it("starts the sweep within five minutes of each quarter of an hour, and hands in what it could not start", () => {
    expect(ofType(template, "AWS::Scheduler::Schedule")).toEqual({
      SweepSchedule: {
        Name: "apisix-token-guard-prod-sweep",
        ScheduleExpression: "rate(15 minutes)",
        FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 5 },
        Target: {
          Arn: { "Fn::GetAtt": ["SweepLambdaFunction", "Arn"] },
          RoleArn: { "Fn::GetAtt": ["SweepScheduleRole", "Arn"] },
          RetryPolicy: { MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 3 },
          DeadLetterConfig: { Arn: { "Fn::GetAtt": ["Failures", "Arn"] } },
        },
      },
    });
  });
});

describe("the functions", () => {
  const rows = [
    [
      "Sweep",
      { ReservedConcurrentExecutions: 1 },
      { GUARD_REMEDIATE_CONCURRENCY: "10", GUARD_REMEDIATE_FUNCTION: "apisix-token-guard-prod-remediate" },
    ],
    ["Remediate", { ReservedConcurrentExecutions: 10 }, { GUARD_TOPIC_ARN: { Ref: "Topic" } }],
    ["Refresh", {}, { GUARD_TOPIC_ARN: { Ref: "Topic" } }],
  ] as const;

  it.each(rows)("%s", (name, more, environment) => {
    const file = name.toLowerCase();
    expect(propertiesOf(template, `${name}LambdaFunction`)).toEqual({
      ...more,
      FunctionName: `apisix-token-guard-prod-${file}`,
      Description: expect.any(String),
      Handler: `dist/functions/${file}.handler`,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      MemorySize: 512,
      Timeout: 900,
      Role: { "Fn::Sub": `\${${name}Role.Arn}` },
      Code: { S3Bucket: expect.anything(), S3Key: expect.stringContaining(`${file}.zip`) },
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: "apisix-token-guard-prod",
          POWERTOOLS_METRICS_NAMESPACE: "ApisixTokenGuard",
          POWERTOOLS_LOG_LEVEL: "INFO",
          ...environment,
        },
      },
    });
  });

  it.each(["sweep", "remediate", "refresh"])("the package of %s holds its own bundle and guard.json", (name) => {
    expect(packages[name]).toEqual([`dist/functions/${name}.cjs`, "dist/functions/guard.json"].sort());
  });

  it("nothing is published under a version that stays behind", () => {
    expect(ofType(template, "AWS::Lambda::Version")).toEqual({});
  });

  it("keep their logs for thirty days", () => {
    const groups = Object.values(ofType(template, "AWS::Logs::LogGroup"));
    expect(groups).toEqual(
      ["sweep", "remediate", "refresh"].map((name) => ({
        LogGroupName: `/aws/lambda/apisix-token-guard-prod-${name}`,
        RetentionInDays: 30,
      })),
    );
  });
});

describe("what becomes of an invocation that fails", () => {
  const handsIn = { OnFailure: { Destination: { "Fn::GetAtt": ["Failures", "Arn"] } } };
  const rows = [
    ["Sweep", { DestinationConfig: handsIn, MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 0 }],
    ["Remediate", { DestinationConfig: handsIn, MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 1 }],
    ["Refresh", { DestinationConfig: {}, MaximumRetryAttempts: 0 }],
  ] as const;

  it.each(rows)("%s", (name, expected) => {
    expect(propertiesOf(template, `${name}LambdaEvConf`)).toEqual({
      ...expected,
      FunctionName: { Ref: `${name}LambdaFunction` },
      Qualifier: "$LATEST",
    });
  });

  it("the queue keeps it for fourteen days, encrypted", () => {
    expect(ofType(template, "AWS::SQS::Queue")).toEqual({
      Failures: {
        QueueName: "apisix-token-guard-prod-failures",
        MessageRetentionPeriod: 1_209_600,
        SqsManagedSseEnabled: true,
      },
    });
  });
});

describe("the topic", () => {
  it("has no subscriber unless an address is given", () => {
    expect(Object.keys(ofType(template, "AWS::SNS::Topic"))).toEqual(["Topic"]);
    expect(ofType(template, "AWS::SNS::Subscription")).toEqual({});
  });
});

it("no function runs in a VPC unless one is given", () => {
  for (const name of ["Sweep", "Remediate", "Refresh"])
    expect(propertiesOf(template, `${name}LambdaFunction`)).not.toHaveProperty("VpcConfig");
});
