import { CloudFormationClient, DescribeStackResourcesCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, GetDashboardCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EVERY_KIND } from "../support/deploy/guards.ts";
import { type Moto, startMoto } from "../support/deploy/moto/server.ts";
import { describeMoto } from "../support/deploy/moto/suite.ts";
import { type Ended, placeService, type Service } from "../support/deploy/service.ts";

/**
 * The whole life of a deployment, against an emulator that checks the template with cfn-lint and makes what it knows: schedules, alarms,
 * destinations and access entries it ignores without a word, these are judged on the template.
 */
describeMoto("a deployment", (programs) => {
  let moto: Moto;
  let service: Service;
  let first: Ended;

  const region = "eu-west-1";
  const osls = (...args: string[]) =>
    service.osls([...args, "--stage", "prod", "--region", region], { AWS_ENDPOINT_URL: moto.url });
  const client = () => ({
    endpoint: moto.url,
    region,
    credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
  });
  const TOPIC = `arn:aws:sns:${region}:123456789012:apisix-token-guard-prod`;

  beforeAll(async () => {
    moto = await startMoto(programs);
    service = await placeService(EVERY_KIND);
    first = await osls("deploy");
  });

  afterAll(async () => {
    await service?.remove();
    await moto?.stop();
  });

  it("succeeds", () => {
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining("Service deployed") });
  });

  it.each([
    ["sweep", 1, { GUARD_REMEDIATE_FUNCTION: "apisix-token-guard-prod-remediate" }],
    ["remediate", 10, { GUARD_TOPIC_ARN: TOPIC }],
    ["refresh", undefined, { GUARD_TOPIC_ARN: TOPIC }],
  ] as const)("makes the function %s", async (name, concurrency, environment) => {
    const FunctionName = `apisix-token-guard-prod-${name}`;
    const lambda = new LambdaClient(client());
    expect(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).toMatchObject({
      Runtime: "nodejs24.x",
      Handler: `dist/functions/${name}.handler`,
      MemorySize: 512,
      Timeout: 900,
      Role: expect.stringMatching(new RegExp(`:role/apisix-token-guard-prod-eu-west-1-${name}$`)),
      Environment: { Variables: { ...environment, POWERTOOLS_SERVICE_NAME: "apisix-token-guard-prod" } },
    });
    const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    expect(ReservedConcurrentExecutions).toBe(concurrency);
  });

  it("makes log groups that forget after thirty days", async () => {
    const logGroupNamePrefix = "/aws/lambda/apisix-token-guard-prod-";
    const { logGroups } = await new CloudWatchLogsClient(client()).send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix }),
    );
    expect(logGroups?.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])).toEqual(
      ["refresh", "remediate", "sweep"].map((name) => [`${logGroupNamePrefix}${name}`, 30]),
    );
  });

  it("makes the topic", async () => {
    const topic = await new SNSClient(client()).send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    expect(topic.Attributes?.TopicArn).toBe(TOPIC);
  });

  it("makes the queue", async () => {
    expect(await queueAttributes(moto.url, region, "apisix-token-guard-prod-failures")).toMatchObject({
      MessageRetentionPeriod: "1209600",
    });
  });

  it("makes a dashboard that names the alarms", async () => {
    const { DashboardBody } = await new CloudWatchClient(client()).send(
      new GetDashboardCommand({ DashboardName: "apisix-token-guard-prod-eu-west-1" }),
    );
    expect(JSON.parse(DashboardBody ?? "").widgets.length).toBeGreaterThan(5);
  });

  it("changes nothing when it is done again", async () => {
    const cloudformation = new CloudFormationClient(client());
    const resources = async () => {
      const answer = await cloudformation.send(
        new DescribeStackResourcesCommand({ StackName: "apisix-token-guard-prod" }),
      );
      return answer.StackResources?.map(({ LogicalResourceId, PhysicalResourceId, ResourceStatus }) => [
        LogicalResourceId,
        PhysicalResourceId,
        ResourceStatus,
      ]);
    };
    const before = await resources();
    const second = await osls("deploy");
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining("No changes to deploy") });
    expect(await resources()).toEqual(before);
  });

  it("is taken down without the functions being built", async () => {
    await service.forget();
    const removed = await osls("remove");
    expect(removed).toMatchObject({ code: 0, output: expect.stringContaining("removed") });
    const { Functions } = await new LambdaClient(client()).send(new ListFunctionsCommand({}));
    expect(Functions).toEqual([]);
  });
});

/** By hand: no SDK for SQS is installed, and the product does not speak to queues. */
async function queueAttributes(url: string, region: string, name: string): Promise<unknown> {
  const ask = async (action: string, input: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/${region}/sqs/aws4_request`,
      },
      body: JSON.stringify(input),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  const { QueueUrl } = await ask("GetQueueUrl", { QueueName: name });
  return (await ask("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] })).Attributes;
}
