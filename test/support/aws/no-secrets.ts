import { inspect } from "node:util";
import { expect } from "vitest";
import { GuardError } from "../../../src/model/errors.ts";
import { ENVIRONMENT_KEY } from "./environment.ts";

/** Stands in every error text, header and body that the fakes send. */
export const CANARY = "canary-of-aws";

/** All that printing a value can show, causes and hidden properties too, holds no key, presigned URL or word of AWS'. */
export function expectNoSecret(value: unknown): void {
  const shown = `${inspect(value, { depth: 20, showHidden: true })} ${JSON.stringify(value)}`;
  for (const secret of [CANARY, ...Object.values(ENVIRONMENT_KEY), "X-Amz-Signature", "k8s-aws-v1"]) {
    expect(shown).not.toContain(secret);
  }
}

/** The GuardError that comes instead of an answer, which holds no secret. */
export async function guardErrorOf(answer: Promise<unknown>): Promise<GuardError> {
  const error = await answer.then(
    (value) => new Error(`answered ${inspect(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GuardError)) throw error;
  expectNoSecret(error);
  expectNoSecret(error.message);
  expectNoSecret(error.fields);
  return error;
}
