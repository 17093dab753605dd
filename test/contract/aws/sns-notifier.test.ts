import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { type SnsNotification, snsNotifier } from "../../../src/adapters/aws/sns-notifier.ts";
import { stubAwsEnvironment } from "../../support/aws/environment.ts";
import { expectNoSecret } from "../../support/aws/no-secrets.ts";
import { type QueryFake, startQueryFake } from "../../support/aws/query-fake.ts";

const TOPIC = "arn:aws:sns:eu-west-1:111122223333:alerts";

let sns: QueryFake;
beforeEach(async () => {
  sns = await startQueryFake(() => "<MessageId>1</MessageId>");
  stubAwsEnvironment({ SNS: sns.url });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sns.close();
});

const notifier = (topicArn = TOPIC) =>
  snsNotifier({
    topicArn,
    credentials: awsSignIn({ region: "us-east-1", now: Date.now })(),
    limits: { connectTimeout: 300, answerTimeout: 300, callTimeout: 5_000 },
  });

async function notify(notification: SnsNotification = { subject: "subject", text: "text" }) {
  const result = await notifier()(notification);
  expectNoSecret(result);
  return result;
}

it("publishes subject, text and attributes, in the topic's own region", async () => {
  const attributes = { verdict: "rejected", cluster: "prod" };
  expect(await notify({ subject: "prod: 1 gateway is refused", text: "Größe\n🙂", attributes })).toEqual({
    ok: true,
    value: null,
  });
  expect(sns.requests).toEqual([
    {
      Action: "Publish",
      Version: "2010-03-31",
      TopicArn: TOPIC,
      Subject: "prod: 1 gateway is refused",
      Message: "Größe\n🙂",
      "MessageAttributes.entry.1.Name": "verdict",
      "MessageAttributes.entry.1.Value.DataType": "String",
      "MessageAttributes.entry.1.Value.StringValue": "rejected",
      "MessageAttributes.entry.2.Name": "cluster",
      "MessageAttributes.entry.2.Value.DataType": "String",
      "MessageAttributes.entry.2.Value.StringValue": "prod",
      signedBy: expect.stringContaining("/eu-west-1/sns/aws4_request"),
    },
  ]);
});

it("makes subject and text fit what SNS takes, with the attributes", async () => {
  const attributes = { verdict: "rejected" };
  expect((await notify({ subject: "s".repeat(500), text: "é".repeat(200_000), attributes })).ok).toBe(true);
  const { Subject = "", Message = "" } = sns.requests[0] ?? {};
  expect(Subject.length).toBe(100);
  const size = Buffer.byteLength(Message) + "verdictStringrejected".length;
  expect(size).toBeLessThanOrEqual(256 * 1024);
  expect(size).toBeGreaterThan(256 * 1024 - 4);
  expect(Message).toMatch(/é\n\n\[cut here: .*\]\n$/);
});

it.each([
  [{ status: 403, code: "AuthorizationError" }, "Forbidden", `AWS refuses sns:Publish on ${TOPIC} (`],
  [{ status: 404, code: "NotFound" }, "NotFound", `There is no SNS topic ${TOPIC}`],
  [{ status: 400, code: "InvalidParameter" }, "Refused", "SNS does not take the message"],
  [{ status: 400, code: "KMSAccessDenied" }, "Refused", "its KMS key must admit the role that asks"],
  [{ status: 400, code: "Throttled" }, "Throttled", "SNS in eu-west-1 is asked too often"],
  [{ status: 403, code: "ExpiredToken" }, "Unauthorized", "they have expired"],
  [{ status: 403, code: "InvalidClientTokenId" }, "Unauthorized", "does not accept the AWS credentials"],
  [{ status: 500, code: "InternalFailure" }, "ServerError", "failed to answer (InternalFailure"],
  ["hang", "Timeout", "interface endpoint com.amazonaws.eu-west-1.sns"],
  ["reset", "Unreachable", "No connection to SNS in eu-west-1 (ECONNRESET)"],
  ["garbage", "InvalidAnswer", "The answer is not one of SNS in eu-west-1"],
  ["gateway page", "ServerError", "failed to answer (HTTP 502"],
] as const)("%o is %s", async (failure, code, message) => {
  sns.fail = () => failure;
  expect(await notify()).toMatchObject({
    ok: false,
    failure: { code, what: `publish to ${TOPIC}`, message: expect.stringContaining(message) },
  });
});

it("passes over throttling that ends in time", async () => {
  sns.fail = () => (sns.requests.length < 3 ? { status: 400, code: "Throttling" } : null);
  expect((await notify()).ok).toBe(true);
});

it.each(["alerts", `${TOPIC}.fifo`, "arn:aws:sqs:eu-west-1:111122223333:alerts", `${TOPIC}\n`])(
  "%j is refused as a topic",
  (topicArn) => {
    expect(() => notifier(topicArn)).toThrow(
      expect.objectContaining({
        code: "BadConfig",
        message: expect.stringContaining("is not the ARN of a standard SNS topic"),
      }),
    );
  },
);
