import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { MINUTE, type Millis, SECOND } from "../../../src/model/time.ts";
import { captureLog, type LogLine } from "./log-lines.ts";
import { type FunctionError, type Invocation, type Outcome, startRuntimeApi } from "./runtime-api.ts";
import { type FunctionSettings, nodeOptions, variables } from "./variables.ts";

/** What came of one call. */
export interface Invoked {
  readonly requestId: string;
  /** Undefined when there is an error. */
  readonly result: unknown;
  readonly error: FunctionError | null;
  readonly logLines: readonly LogLine[];
  /** From the moment in which the runtime got it. */
  readonly ms: Millis;
}

/** A process that serves one invocation after the other. Unlike on Lambda it is not frozen in between. */
export interface Environment {
  /** It has ended, by itself or by force: the next invocation needs another one. */
  readonly ended: boolean;
  invoke(invocation: Omit<Invocation, "deadline">): Promise<Invoked>;
  /** Null when the handler is loaded and asks for work, else why it never will. */
  initialised(): Promise<FunctionError | null>;
  /** SIGKILL, as when the machine under it is lost. */
  kill(): void;
  stop(): Promise<void>;
}

/** How long a handler may take to load: ten seconds on Lambda, which a busy machine may well take for ten functions at once. */
const INIT_LIMIT = MINUTE;

export async function startEnvironment(
  settings: FunctionSettings,
  taskRoot: string,
  timeLimit: Millis,
  bootstrap = join(import.meta.dirname, "bootstrap.ts"),
): Promise<Environment> {
  const api = await startRuntimeApi();
  const child = spawn(process.execPath, [...nodeOptions(settings), bootstrap], {
    cwd: taskRoot,
    env: variables(settings, taskRoot, api.address),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = captureLog([child.stdout, child.stderr]);
  const closed = once(child, "close");
  const kill = () => void child.kill("SIGKILL");

  return {
    kill,
    initialised: () => api.initialised,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    invoke: async (invocation) => {
      const { requestId } = invocation;
      const died = closed.then(() => exitError(child, requestId));
      const unfit = await within(INIT_LIMIT, Promise.race([api.initialised, died]), () =>
        timedOut(requestId, INIT_LIMIT),
      );

      const start = performance.now();
      const answer = async () => ({
        outcome: await api.give({ ...invocation, deadline: Date.now() + timeLimit }),
        fit: true,
      });
      const failure = (error: FunctionError): { outcome: Outcome; fit: boolean } => ({
        outcome: { error },
        fit: false,
      });
      const { outcome, fit } =
        unfit !== null
          ? failure(unfit)
          : await within(timeLimit, Promise.race([answer(), died.then(failure)]), () =>
              failure(timedOut(requestId, timeLimit)),
            );
      const ms = performance.now() - start;

      if (fit) await log.complete();
      else {
        kill();
        await closed;
      }
      return { requestId, result: undefined, error: null, ...outcome, logLines: log.take(), ms };
    },
    stop: async () => {
      kill();
      await closed;
      await api.close();
    },
  };
}

async function within<T>(limit: Millis, work: Promise<T>, otherwise: () => T): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer = setTimeout(() => late.resolve(otherwise()), limit);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const timedOut = (requestId: string, limit: Millis): FunctionError => ({
  errorType: "Sandbox.Timedout",
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(limit / SECOND).toFixed(2)} seconds`,
});

const exitError = ({ exitCode, signalCode }: ChildProcess, requestId: string): FunctionError => ({
  errorType: "Runtime.ExitError",
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${signalCode === null ? `exit status ${exitCode}` : `signal: ${signalCode}`}`,
});
