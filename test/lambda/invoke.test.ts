import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { build } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import type { LambdaFunction } from "../support/lambda/function.ts";
import { type LambdaService, type ServiceOptions, startLambdaService } from "../support/lambda/service.ts";
import { CREDENTIALS, startStandIn } from "../support/lambda/stand-in.ts";

/** Fails as often as the event says, counting in a file, because each attempt may be another process. */
const FLAKY = `
  const { appendFileSync, readFileSync } = require("node:fs");
  exports.handler = async ({ file, fail }) => {
    appendFileSync(file, "x");
    const attempt = readFileSync(file, "utf8").length;
    if (attempt <= fail) throw new Error("attempt " + attempt);
    return attempt;
  };
`;

/** The tests below are about the test bed itself: how far its Invoke API is like Lambda's, by the word of the real SDK. */
describe("calling a function through the Invoke API", () => {
  const open: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.stop();
  });

  const deployed = async (code: string, options?: ServiceOptions): Promise<[LambdaFunction, LambdaService]> => {
    const fn = await startStandIn(code);
    const service = await startLambdaService([fn], options);
    open.push(fn, service);
    return [fn, service];
  };
  const call = (
    service: LambdaService,
    FunctionName: string,
    payload: unknown,
    InvocationType: "Event" | "RequestResponse",
  ) =>
    new LambdaClient({ endpoint: service.url, region: "eu-central-1", credentials: CREDENTIALS, maxAttempts: 1 }).send(
      new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify(payload) }),
    );
  const counter = async (): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), "counter-"));
    open.push({ stop: () => rm(directory, { recursive: true, force: true }) });
    return join(directory, "attempts");
  };

  it("waits for the answer of a RequestResponse, by name and by ARN", async () => {
    const [fn, service] = await deployed("exports.handler = async (event) => ({ got: event });");
    for (const name of [fn.name, fn.arn, `${fn.name}:$LATEST`]) {
      const { StatusCode, Payload, FunctionError } = await call(service, name, { a: 1 }, "RequestResponse");
      expect({ StatusCode, FunctionError, answer: JSON.parse(Payload?.transformToString() ?? "") }).toEqual({
        StatusCode: 200,
        FunctionError: undefined,
        answer: { got: { a: 1 } },
      });
    }
  });

  it("passes on a function's error", async () => {
    const [fn, service] = await deployed('exports.handler = async () => { throw new RangeError("too much"); };');
    const { StatusCode, Payload, FunctionError } = await call(service, fn.name, {}, "RequestResponse");
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(JSON.parse(Payload?.transformToString() ?? "")).toMatchObject({ errorType: "RangeError" });
  });

  it("does not know other functions", async () => {
    const [, service] = await deployed("exports.handler = async () => 1;");
    await expect(call(service, "other", {}, "Event")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("can be told to refuse", async () => {
    const [fn, service] = await deployed("exports.handler = async () => 1;");
    service.faults.plan({ status: 429, code: "TooManyRequestsException", message: "Rate Exceeded." });
    await expect(call(service, fn.name, {}, "Event")).rejects.toMatchObject({ name: "TooManyRequestsException" });
    expect(await call(service, fn.name, {}, "Event")).toMatchObject({ StatusCode: 202 });
    await service.idle();
  });

  describe("with an Event", () => {
    it("answers before the work is done", async () => {
      const [fn, service] = await deployed(
        'exports.handler = async () => { await new Promise((go) => setTimeout(go, 300)); return "done"; };',
      );
      expect(await call(service, fn.name, {}, "Event")).toMatchObject({ StatusCode: 202 });
      expect(service.events).toMatchObject([{ functionName: "stand-in", payload: {}, deliveries: [] }]);
      await service.idle();
      expect(service.events).toMatchObject([{ deliveries: [{ result: "done" }] }]);
    });

    it.each([
      { fail: 0, deliveries: 1, last: { result: 1 } },
      { fail: 1, deliveries: 2, last: { result: 2 } },
      { fail: 2, deliveries: 3, last: { result: 3 } },
      { fail: 3, deliveries: 3, last: { error: { errorMessage: "attempt 3" } } },
    ])("delivers $deliveries times when it fails $fail times", async ({ fail, deliveries, last }) => {
      const [fn, service] = await deployed(FLAKY);
      await call(service, fn.name, { file: await counter(), fail }, "Event");
      await service.idle();
      const [event] = service.events;
      expect(event?.deliveries).toHaveLength(deliveries);
      expect(event?.deliveries.at(-1)).toMatchObject(last);
      expect(new Set(event?.deliveries.map(({ requestId }) => requestId))).toEqual(new Set([event?.requestId]));
    });

    it("does not deliver again when told so", async () => {
      const [fn, service] = await deployed(FLAKY, { retries: 0 });
      await call(service, fn.name, { file: await counter(), fail: 1 }, "Event");
      await service.idle();
      expect(service.events[0]?.deliveries).toHaveLength(1);
    });

    it("delivers twice at once when told so", async () => {
      const [fn, service] = await deployed(
        "exports.handler = async () => { await new Promise((go) => setTimeout(go, 300)); return process.pid; };",
      );
      service.deliverTimes(2);
      await call(service, fn.name, {}, "Event");
      await service.idle();
      const [event] = service.events;
      expect(new Set(event?.deliveries.map(({ result }) => result)).size).toBe(2);
    });
  });

  it("is what a packaged function reaches with the SDK in it", async () => {
    const [target, service] = await deployed("exports.handler = async ({ cluster }) => cluster;");
    const { outputFiles } = await build({
      stdin: {
        contents: `
          import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
          const client = new LambdaClient({});
          export const handler = async ({ name }) => {
            const payload = JSON.stringify({ cluster: "prod", hold: null });
            const input = { FunctionName: name, InvocationType: "Event", Payload: payload };
            return (await client.send(new InvokeCommand(input))).StatusCode;
          };
        `,
        resolveDir: process.cwd(),
      },
      bundle: true,
      platform: "node",
      format: "cjs",
      write: false,
      logLevel: "error",
    });
    await using caller = await startStandIn(outputFiles[0]?.text ?? "", {
      name: "caller",
      env: { AWS_ENDPOINT_URL_LAMBDA: service.url },
    });
    expect(await caller.invoke({ name: target.name })).toMatchObject({ error: null, result: 202 });
    await service.idle();
    expect(service.events).toMatchObject([
      { payload: { cluster: "prod", hold: null }, deliveries: [{ result: "prod" }] },
    ]);
  });
});
