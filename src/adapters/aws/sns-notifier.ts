import { GuardError } from "../../model/errors.ts";
import type { Read } from "../../model/read.ts";
import { withoutCredentials } from "../../report/without-credentials.ts";
import { call, invalidAnswer } from "./call.ts";
import { clientSettings } from "./client-settings.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { AwsCall } from "./explain-failure.ts";
import { AWS_LIMITS, type AwsLimits } from "./limits.ts";
import { MAX_MESSAGE_BYTES, snsMessage, snsSubject } from "./sns-text.ts";

export interface SnsNotifierOptions {
  readonly topicArn: string;
  readonly credentials: AwsCredentials;
  readonly limits?: Partial<AwsLimits>;
}

export interface SnsNotification {
  readonly subject: string;
  readonly text: string;
  /** For subscriptions that filter. */
  readonly attributes?: Readonly<Record<string, string>>;
}

const TYPE = "String";

/** Publishes to a topic, whose region its ARN names. Throws GuardError BadConfig when it is none. */
export function snsNotifier(options: SnsNotifierOptions): (notification: SnsNotification) => Promise<Read<null>> {
  const { topicArn, credentials } = options;
  const limits = { ...AWS_LIMITS, ...options.limits };
  const region = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[\w-]{1,256}$/.exec(topicArn)?.[1];
  if (region === undefined) {
    throw new GuardError(
      "BadConfig",
      `${withoutCredentials(topicArn)} is not the ARN of a standard SNS topic such as arn:aws:sns:eu-west-1:123456789012:alerts.`,
    );
  }
  const about: AwsCall = {
    what: `publish to ${topicArn}`,
    service: "sns",
    region,
    action: "sns:Publish",
    resource: topicArn,
    explain: {
      NotFound: `There is no SNS topic ${topicArn}; it was removed, or the ARN is mistyped`,
      Refused: `SNS does not take the message for ${topicArn}; if the topic is encrypted, its KMS key must admit the role that asks`,
    },
  };
  return ({ subject, text, attributes = {} }) =>
    call(about, limits, async (abortSignal) => {
      const { PublishCommand, SNSClient } = await import("@aws-sdk/client-sns");
      const client = new SNSClient(clientSettings(region, await credentials(), limits));
      try {
        const command = new PublishCommand({
          TopicArn: topicArn,
          Subject: snsSubject(subject),
          Message: snsMessage(text, MAX_MESSAGE_BYTES - bytesOf(attributes)),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, { DataType: TYPE, StringValue: value }]),
          ),
        });
        const { MessageId } = await client.send(command, { abortSignal });
        if (MessageId === undefined) throw invalidAnswer(about, "no id for the message");
        return null;
      } finally {
        client.destroy();
      }
    });
}

/** What SNS counts towards the size of a message. */
const bytesOf = (attributes: Readonly<Record<string, string>>): number =>
  Object.entries(attributes).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + TYPE + value), 0);
