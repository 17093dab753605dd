import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isAlive } from "../support/control-plane/build/lock.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { CREDENTIALS, startStandIn } from "../support/lambda/stand-in.ts";

const ECHO = "exports.handler = async (event) => ({ event, pid: process.pid });";
const pidOf = (result: unknown): number => (result as { pid: number }).pid;

/** Hangs until it is killed when told so, and makes a file when it begins to. */
const HANG = `
  exports.handler = async ({ hang }) => {
    console.log(JSON.stringify({ message: "begun" }));
    if (hang) require("node:fs").writeFileSync("hanging", "");
    if (hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
    return { pid: process.pid, hanging: process.cwd() + "/hanging" };
  };
`;

/** The tests below are about the test bed itself: how far it is like Lambda. */
describe("a function on loopback", () => {
  it("is called with an event, and answers", async () => {
    await using fn = await startStandIn(ECHO);
    const { result, error, requestId } = await fn.invoke({ cluster: "prod" });
    expect({ result, error }).toEqual({ result: { event: { cluster: "prod" }, pid: expect.any(Number) }, error: null });
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("stays for the next call, and gets company when it is busy", async () => {
    await using fn = await startStandIn(
      "exports.handler = async (ms) => { await new Promise((go) => setTimeout(go, ms)); return { pid: process.pid }; };",
    );
    const first = pidOf((await fn.invoke(0)).result);
    expect(pidOf((await fn.invoke(0)).result)).toBe(first);
    const both = await Promise.all([fn.invoke(300), fn.invoke(300)]);
    expect(new Set(both.map(({ result }) => pidOf(result))).size).toBe(2);
  });

  it("has the environment of Lambda, and nothing of ours", async () => {
    await using fn = await startStandIn("exports.handler = async () => process.env;", {
      env: { GUARD_TOPIC_ARN: "arn:aws:sns:eu-central-1:123456789012:guard" },
      memoryMb: 512,
    });
    const { result } = await fn.invoke({});
    expect(result).toEqual({
      GUARD_TOPIC_ARN: "arn:aws:sns:eu-central-1:123456789012:guard",
      _HANDLER: "index.handler",
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=0$/),
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_FUNCTION_NAME: "stand-in",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/stand-in",
      AWS_LAMBDA_LOG_STREAM_NAME: expect.any(String),
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_REGION: "eu-central-1",
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
      LAMBDA_RUNTIME_DIR: "/var/runtime",
      LAMBDA_TASK_ROOT: expect.any(String),
      LANG: "en_US.UTF-8",
      PATH: expect.any(String),
      TZ: ":UTC",
    });
  });

  it("knows who it is and how much time is left", async () => {
    await using fn = await startStandIn(
      "exports.handler = async (_, { getRemainingTimeInMillis: left, ...rest }) => ({ ...rest, left: left() });",
      { timeoutSeconds: 60 },
    );
    const { result, requestId } = await fn.invoke({});
    expect(result).toMatchObject({
      awsRequestId: requestId,
      functionName: "stand-in",
      invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:stand-in",
      memoryLimitInMB: "256",
    });
    expect((result as { left: number }).left).toBeGreaterThan(55_000);
    expect((result as { left: number }).left).toBeLessThanOrEqual(60_000);
  });

  it("logs to both streams, line by line", async () => {
    await using fn = await startStandIn(`
      console.log("loading");
      exports.handler = async (text) => {
        console.log(JSON.stringify({ level: "INFO", message: text }));
        console.error("{ no JSON");
        process.stdout.write("without an end");
      };
    `);
    const { logLines } = await fn.invoke("first");
    expect(logLines.toSorted()).toEqual(
      ["loading", { level: "INFO", message: "first" }, "{ no JSON", "without an end"].toSorted(),
    );
    expect((await fn.invoke("second")).logLines).toContainEqual({ level: "INFO", message: "second" });
  });

  describe("that fails", () => {
    it("says with which error, and stays", async () => {
      await using fn = await startStandIn(`
        exports.handler = async (bad) => { if (bad) throw new RangeError("too much"); return { pid: process.pid }; };
      `);
      const { pid } = (await fn.invoke(false)).result as { pid: number };
      const { error, result } = await fn.invoke(true);
      expect({ error, result }).toEqual({
        error: { errorType: "RangeError", errorMessage: "too much", trace: expect.any(Array) },
        result: undefined,
      });
      expect(pidOf((await fn.invoke(false)).result)).toBe(pid);
    });

    it.each([
      ["a module that is not in the package", 'require("not-packaged");', "Runtime.ImportModuleError", "not-packaged"],
      ["no handler of that name", "exports.other = 1;", "Runtime.HandlerNotFound", "index.handler is undefined"],
      ["an error while it loads", 'throw new TypeError("no settings");', "TypeError", "no settings"],
      ["an end while it loads", "process.exit(3);", "Runtime.ExitError", "exit status 3"],
      ["an end while it works", "exports.handler = async () => process.exit(4);", "Runtime.ExitError", "exit status 4"],
      [
        "more memory than it has",
        "exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e6).fill(0.5)); };",
        "Runtime.ExitError",
        "signal: SIGABRT",
      ],
      [
        "too large an answer",
        'exports.handler = async () => "x".repeat(6 * 1024 * 1024);',
        "Function.ResponseSizeTooLarge",
        "6291456 bytes",
      ],
    ])("because of %s", async (_, code, errorType, message) => {
      await using fn = await startStandIn(code, { memoryMb: 128, timeoutSeconds: 30 });
      const { error } = await fn.invoke({});
      expect(error).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
    });
  });

  describe("that does not come to an end", () => {
    it("is ended when its time is over, and the next call gets a new one", async () => {
      await using fn = await startStandIn(HANG, { timeoutSeconds: 0.5 });
      const { pid } = (await fn.invoke({})).result as { pid: number };
      const { error, logLines, ms } = await fn.invoke({ hang: true });
      expect(error).toMatchObject({
        errorType: "Sandbox.Timedout",
        errorMessage: expect.stringContaining("Task timed out after 0.50 seconds"),
      });
      expect(logLines).toEqual([{ message: "begun" }]);
      expect(ms).toBeGreaterThanOrEqual(499);
      expect(isAlive(pid)).toBe(false);
      expect(pidOf((await fn.invoke({})).result)).not.toBe(pid);
    });

    it("can be killed at any moment, and the next call gets a new one", async () => {
      await using fn = await startStandIn(HANG, { timeoutSeconds: 60 });
      const { pid, hanging } = (await fn.invoke({})).result as { pid: number; hanging: string };
      const invoked = fn.invoke({ hang: true });
      await waitFor("the function to hang", () => existsSync(hanging));
      fn.kill();
      const { error, logLines } = await invoked;
      expect(error).toMatchObject({
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringContaining("signal: SIGKILL"),
      });
      expect(logLines).toEqual([{ message: "begun" }]);
      expect(pidOf((await fn.invoke({})).result)).not.toBe(pid);
    });
  });

  it("leaves no process and no file behind", async () => {
    const fn = await startStandIn("exports.handler = async () => ({ pid: process.pid, cwd: process.cwd() });");
    const { pid, cwd } = (await fn.invoke({})).result as { pid: number; cwd: string };
    await fn.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(cwd)).toBe(false);
  });
});
