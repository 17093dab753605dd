import type { Read } from "../../model/read.ts";
import { call, invalidAnswer } from "./call.ts";
import { clientSettings } from "./client-settings.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { AwsCall } from "./explain-failure.ts";
import { AWS_LIMITS, type AwsLimits } from "./limits.ts";
import { partitionOf } from "./partitions.ts";

export interface LambdaInvokerOptions {
  readonly region: string;
  /** A name, or an ARN. */
  readonly functionName: string;
  readonly credentials: AwsCredentials;
  readonly limits?: Partial<AwsLimits>;
}

/**
 * Starts a function without waiting for what it does. Lambda has taken the event when the answer is ok, and will run the
 * function at least once: when an answer is lost on the way the event is sent again, and both count.
 */
export function lambdaInvoker(options: LambdaInvokerOptions): (event: object) => Promise<Read<null>> {
  const { region, functionName, credentials } = options;
  const limits = { ...AWS_LIMITS, ...options.limits };
  const about = toInvoke(functionName, region);
  return (event) =>
    call(about, limits, async (abortSignal) => {
      const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
      const client = new LambdaClient(clientSettings(region, await credentials(), limits));
      try {
        const command = new InvokeCommand({
          FunctionName: functionName,
          InvocationType: "Event",
          Payload: Buffer.from(JSON.stringify(event)),
        });
        const { StatusCode } = await client.send(command, { abortSignal });
        if (StatusCode !== 202) throw invalidAnswer(about, `HTTP ${StatusCode}`);
        return null;
      } finally {
        client.destroy();
      }
    });
}

function toInvoke(functionName: string, region: string): AwsCall {
  const arn = functionName.startsWith("arn:")
    ? functionName
    : `arn:${partitionOf(region).name}:lambda:${region}:*:function:${functionName}`;
  return {
    what: `start function ${functionName} in ${region}`,
    service: "lambda",
    region,
    action: "lambda:InvokeFunction",
    resource: arn,
    explain: {
      NotFound: `There is no function ${functionName} in ${region}; it was removed or never deployed`,
    },
  };
}
