import { vi } from "vitest";

/** Credentials in the environment that nobody has, and nothing of whoever runs the tests. Undone by `vi.unstubAllEnvs()`. */
export const ENVIRONMENT_KEY = {
  accessKeyId: "AKIDCANARY0000000001",
  secretAccessKey: "canary-secret-access-key",
  sessionToken: "canary-session-token",
};

/** `endpoints`: URLs by service, as in AWS_ENDPOINT_URL_EKS. */
export function stubAwsEnvironment(endpoints: Readonly<Record<string, string>>): void {
  const variables = {
    AWS_ACCESS_KEY_ID: ENVIRONMENT_KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ENVIRONMENT_KEY.secretAccessKey,
    AWS_SESSION_TOKEN: ENVIRONMENT_KEY.sessionToken,
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
    AWS_EC2_METADATA_DISABLED: "true",
    ...Object.fromEntries(Object.entries(endpoints).map(([service, url]) => [`AWS_ENDPOINT_URL_${service}`, url])),
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}
