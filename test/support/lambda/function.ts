import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SECOND } from "../../../src/model/time.ts";
import { type Environment, type Invoked, startEnvironment } from "./environment.ts";
import type { FunctionSettings } from "./variables.ts";
import { unzip } from "./zip.ts";

export interface FunctionOptions extends Omit<FunctionSettings, "memoryMb"> {
  /** Path of the package. */
  readonly zip: string;
  readonly timeoutSeconds: number;
  /** 256 by default. */
  readonly memoryMb?: number;
}

/** A function that is deployed on loopback. */
export interface LambdaFunction extends AsyncDisposable {
  readonly name: string;
  readonly arn: string;
  /** Those that have ended, in that order. */
  readonly invocations: readonly Invoked[];
  /** In an idle execution environment, else in a new one, so that two calls at once have nothing in common. */
  invoke(event: unknown, options?: { requestId?: string }): Promise<Invoked>;
  /** SIGKILL to all its execution environments, whatever they are doing. */
  kill(): void;
  stop(): Promise<void>;
}

/** Unpacks a function; the first call starts it. */
export async function startFunction(options: FunctionOptions): Promise<LambdaFunction> {
  const { zip, timeoutSeconds, name, region } = options;
  const settings: FunctionSettings = { memoryMb: 256, ...options };
  const arn = `arn:aws:lambda:${region}:123456789012:function:${name}`;
  const taskRoot = await mkdtemp(join(tmpdir(), "task-"));
  await unzip(zip, taskRoot);
  const environments = new Set<Environment>();
  const busy = new Set<Environment>();
  const invocations: Invoked[] = [];
  let stopped = false;

  const claim = async (): Promise<Environment> => {
    if (stopped) throw new Error(`${name} was called after it had been stopped`);
    const idle = [...environments].find((environment) => !busy.has(environment) && !environment.ended);
    const environment = idle ?? (await startEnvironment(settings, taskRoot, timeoutSeconds * SECOND));
    environments.add(environment);
    busy.add(environment);
    return environment;
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.all([...environments].map((environment) => environment.stop()));
    await rm(taskRoot, { recursive: true, force: true });
  };

  return {
    name,
    arn,
    invocations,
    invoke: async (event, { requestId = randomUUID() } = {}) => {
      const environment = await claim();
      try {
        const invoked = await environment.invoke({ requestId, functionArn: arn, payload: JSON.stringify(event) });
        invocations.push(invoked);
        return invoked;
      } finally {
        busy.delete(environment);
      }
    },
    kill: () => {
      for (const environment of environments) environment.kill();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
