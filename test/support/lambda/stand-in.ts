import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSessions } from "../iam/principals.ts";
import { type FunctionOptions, type LambdaFunction, startFunction } from "./function.ts";
import { zip } from "./zip.ts";

const ROLE = "arn:aws:iam::123456789012:role/stand-in";

/** Credentials of somebody who is known nowhere. */
export const CREDENTIALS = createSessions([{ arn: ROLE }]).open(ROLE, "stand-in").credentials;

/** A function whose code is written in the test. */
export async function startStandIn(code: string, options: Partial<FunctionOptions> = {}): Promise<LambdaFunction> {
  const directory = await mkdtemp(join(tmpdir(), "stand-in-"));
  try {
    return await startFunction({
      name: "stand-in",
      handler: "index.handler",
      region: "eu-central-1",
      timeoutSeconds: 5,
      credentials: CREDENTIALS,
      env: {},
      zip: await zip(join(directory, "function.zip"), { "index.cjs": code }),
      ...options,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
