import type { Context } from "aws-lambda";
import { type AwsCredentials, awsSignIn } from "../adapters/aws/credentials.ts";
import { powertools, type Telemetry } from "../adapters/powertools.ts";
import { sleep } from "../adapters/sleep.ts";
import { type FunctionEnvironment, readEnvironment } from "../config/environment.ts";
import type { GuardConfig } from "../config/schema.ts";
import { type Instant, MINUTE, type Millis } from "../model/time.ts";
import type { Sleep } from "../ports.ts";

/** What one invocation works with. */
export interface Run {
  readonly config: GuardConfig;
  readonly environment: FunctionEnvironment;
  readonly scope: GuardConfig["gateways"];
  readonly evidence: GuardConfig["evidence"];
  /** The AWS identity of this function, or of a role it assumes. */
  readonly signIn: (roleArn?: string) => AwsCredentials;
  readonly telemetry: Telemetry;
  readonly sleep: Sleep;
  /** The guard's own time. */
  readonly now: () => Instant;
  /** After this moment nothing new is begun. */
  readonly stopAt: Instant;
}

/** Time to end what is under way, write the reports and answer before Lambda ends the process. */
const RESERVE: Millis = MINUTE;

/** @throws GuardError `BadConfig` */
export function prepare(config: GuardConfig, context: Context): Run {
  const environment = readEnvironment(process.env, context.invokedFunctionArn);
  const now = Date.now;
  return {
    config,
    environment,
    scope: config.gateways,
    evidence: config.evidence,
    signIn: awsSignIn({ region: environment.region, now }),
    telemetry: powertools,
    sleep,
    now,
    stopAt: now() + context.getRemainingTimeInMillis() - RESERVE,
  };
}
