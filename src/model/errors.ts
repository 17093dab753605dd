/**
 * Stable codes of what stops a whole run or a whole cluster. They stand in reports, exit codes, logs and the runbook.
 */
export const ERROR_CODES = [
  "BadUsage",
  "BadConfig",
  "BadKubeconfig",
  "SignInFailed",
  "ClusterUnreachable",
  "ClusterUnreadable",
  "NoGatewayFound",
  "OutOfTime",
  "Internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * An error a person can act on. The message says what happened, at which place, and what to do next; it never holds a token, a
 * presigned URL or a response body. It has no cause: what others throw may hold all of these, and one careless log line would print them.
 */
export class GuardError extends Error {
  override readonly name = "GuardError";
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;

  constructor(
    code: ErrorCode,
    message: string,
    { fields = {} }: { fields?: Readonly<Record<string, string | number | boolean | null>> } = {},
  ) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}
