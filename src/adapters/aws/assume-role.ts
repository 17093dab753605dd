import { GuardError } from "../../model/errors.ts";
import type { Instant } from "../../model/time.ts";
import { call, invalidAnswer } from "./call.ts";
import { clientSettings } from "./client-settings.ts";
import type { AwsIdentity } from "./credentials.ts";
import type { AwsCall } from "./explain-failure.ts";
import type { AwsLimits } from "./limits.ts";

/** Seen in CloudTrail, and in the user name that an EKS access entry makes of the role. */
const SESSION_NAME = "apisix-token-guard";

/** Starts a session of a role; an hour long, which is as long as one that a role started may be. Throws GuardError SignInFailed. */
export async function assumeRole(
  roleArn: string,
  region: string,
  from: AwsIdentity,
  limits: AwsLimits,
): Promise<AwsIdentity & { readonly expiresAt: Instant }> {
  const about = toAssumeRole(roleArn, region);
  const answer = await call(about, limits, async (abortSignal) => {
    const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
    const client = new STSClient(clientSettings(region, from, limits));
    try {
      const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: SESSION_NAME });
      const { Credentials } = await client.send(command, { abortSignal });
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
        throw invalidAnswer(about, "no credentials");
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
        expiresAt: Expiration.getTime(),
      };
    } finally {
      client.destroy();
    }
  });
  if (answer.ok) return answer.value;
  const { code, message } = answer.failure;
  throw new GuardError("SignInFailed", message, { fields: { roleArn, region, failure: code } });
}

const toAssumeRole = (roleArn: string, region: string): AwsCall => ({
  what: `assume ${roleArn}`,
  service: "sts",
  region,
  action: "sts:AssumeRole",
  resource: roleArn,
  explain: {
    Forbidden: `AWS refuses sts:AssumeRole on ${roleArn}: the role does not exist, its trust policy does not name this function's role, or the policy of this function's role lacks sts:AssumeRole on it`,
    Refused: `AWS refuses sts:AssumeRole on ${roleArn}; check roleArn in guard.yml`,
  },
});
