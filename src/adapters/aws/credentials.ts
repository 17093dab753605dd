import { fromEnv } from "@aws-sdk/credential-provider-env";
import { GuardError } from "../../model/errors.ts";
import { type Instant, MINUTE } from "../../model/time.ts";
import { renewing } from "../renewing.ts";
import { assumeRole } from "./assume-role.ts";
import { AWS_LIMITS, type AwsLimits } from "./limits.ts";

/** An AWS key for requests to be signed with. */
export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent: not known, as for a key that stands in the environment. */
  readonly expiration?: Date;
}

/** Asked before every use: answers from memory while the last key is good. Rejects with a GuardError. */
export type AwsCredentials = () => Promise<AwsIdentity>;

export interface AwsSignInOptions {
  /** Whose STS to ask for other roles: the one the function runs in, which its account has enabled. */
  readonly region: string;
  readonly now: () => Instant;
  readonly limits?: Partial<AwsLimits>;
}

/** So long before the end of a role's session a new one is asked for: as long as the SDKs take, and longer than any run of calls. */
const RENEW_BEFORE = 5 * MINUTE;

/**
 * The AWS identities to work as: without a role the process' own, with one that role assumed from it. A role's session is
 * shared by all who ask for the role.
 */
export function awsSignIn(options: AwsSignInOptions): (roleArn?: string) => AwsCredentials {
  const { region, now } = options;
  const limits = { ...AWS_LIMITS, ...options.limits };
  const roles = new Map<string, AwsCredentials>();
  return (roleArn) => {
    if (roleArn === undefined) return environmentCredentials;
    const known = roles.get(roleArn);
    if (known !== undefined) return known;
    const session = renewing(
      async () => assumeRole(roleArn, region, await environmentCredentials(), limits),
      now,
      RENEW_BEFORE,
    );
    roles.set(roleArn, session);
    return session;
  };
}

/** A Lambda function has its role's key in the environment, and is started anew before that ends. */
const environmentCredentials: AwsCredentials = async () => {
  try {
    return await fromEnv()();
  } catch {
    throw new GuardError(
      "SignInFailed",
      "There are no AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. A Lambda function has them from its execution role.",
    );
  }
};
