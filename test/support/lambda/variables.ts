import type { Credentials } from "../iam/principals.ts";

/** What Lambda knows of a function. */
export interface FunctionSettings {
  readonly name: string;
  readonly handler: string;
  readonly region: string;
  readonly memoryMb: number;
  readonly credentials: Credentials;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The whole environment of a function, as the documentation lists it ("Defined runtime environment variables"), and nothing of
 * the environment of the tests: no home directory, no profile of AWS, no proxy.
 */
export function variables(settings: FunctionSettings, taskRoot: string, runtimeApi: string): Record<string, string> {
  const { name, handler, region, memoryMb, credentials, env } = settings;
  return {
    ...env,
    _HANDLER: handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/27/[$LATEST]0123456789abcdef0123456789abcdef",
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_REGION: region,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: "en_US.UTF-8",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    TZ: ":UTC",
  };
}

/** As the runtime for Node.js starts its interpreter: what exceeds the memory of the function ends the process. */
export const nodeOptions = ({ memoryMb }: FunctionSettings): string[] => [
  `--max-semi-space-size=${Math.ceil(memoryMb * 0.05)}`,
  `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
];
