import type { AwsIdentity } from "./credentials.ts";
import { type AwsLimits, MAX_ATTEMPTS } from "./limits.ts";

/** What every SDK client is made with. */
export const clientSettings = (
  region: string,
  credentials: AwsIdentity,
  { connectTimeout, answerTimeout }: AwsLimits,
) => ({
  region,
  credentials,
  maxAttempts: MAX_ATTEMPTS,
  retryMode: "standard",
  requestHandler: {
    connectionTimeout: connectTimeout,
    requestTimeout: answerTimeout,
    // Without it the SDK only prints a warning.
    throwOnRequestTimeout: true,
  },
});
