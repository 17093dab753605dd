import { GuardError } from "../model/errors.ts";

/** What a function is told by its environment. */
export interface FunctionEnvironment {
  /** Where it runs; named clusters without a region are there. */
  readonly region: string;
  /** The function that remediates one cluster; null: this one starts none. */
  readonly remediateFunction: string | null;
  /** Where people are told what the guard did; null: nowhere. */
  readonly topicArn: string | null;
}

/** @throws {GuardError} `BadConfig` that names the variable */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): FunctionEnvironment {
  const given = (name: string): string | null => environment[name]?.trim() || null;
  const region = given("AWS_REGION");
  if (region === null)
    throw new GuardError("BadConfig", "AWS_REGION is not set: this is not the environment of a Lambda function.");
  return { region, remediateFunction: given("GUARD_REMEDIATE_FUNCTION"), topicArn: given("GUARD_TOPIC_ARN") };
}
