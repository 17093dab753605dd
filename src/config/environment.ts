import { GuardError } from "../model/errors.ts";
import { show } from "./show.ts";

/** What a function is told by its environment. */
export interface FunctionEnvironment {
  /** Where it runs; named clusters without a region are there. */
  readonly region: string;
  /** The AWS account it runs in. */
  readonly account: string;
  /** The function that remediates one cluster; null: this one starts none. */
  readonly remediateFunction: string | null;
  /** How many clusters that function can remediate at the same time. */
  readonly remediateConcurrency: number;
  /** Where people are told what the guard did; null: nowhere. */
  readonly topicArn: string | null;
}

/**
 * @param functionArn that it was invoked by
 * @throws {GuardError} `BadConfig` that names the variable
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  functionArn: string,
): FunctionEnvironment {
  const given = (name: string): string | null => environment[name]?.trim() || null;
  const region = given("AWS_REGION");
  if (region === null)
    throw new GuardError("BadConfig", "AWS_REGION is not set: this is not the environment of a Lambda function.");
  const concurrency = given("GUARD_REMEDIATE_CONCURRENCY") ?? "10";
  if (!/^[1-9]\d{0,3}$/.test(concurrency)) {
    throw new GuardError(
      "BadConfig",
      `GUARD_REMEDIATE_CONCURRENCY is ${show(concurrency)}: it must be a number from 1 to 9999.`,
    );
  }
  return {
    region,
    account: functionArn.split(":")[4] ?? "",
    remediateFunction: given("GUARD_REMEDIATE_FUNCTION"),
    remediateConcurrency: Number(concurrency),
    topicArn: given("GUARD_TOPIC_ARN"),
  };
}
