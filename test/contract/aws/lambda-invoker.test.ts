import type { RequestListener, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { lambdaInvoker } from "../../../src/adapters/aws/lambda-invoker.ts";
import { stubAwsEnvironment } from "../../support/aws/environment.ts";
import { CANARY, expectNoSecret } from "../../support/aws/no-secrets.ts";
import { makeTrouble } from "../../support/aws/trouble.ts";
import { type StubServer, startStub } from "../../support/stub-server.ts";

let lambda: StubServer;
let asked: { path: string; type: unknown; event: unknown }[];
let answer: (response: ServerResponse) => void;

const accept = (response: ServerResponse) => response.writeHead(202, { "x-amzn-requestid": "1" }).end();
const refuse = (status: number, type: string) => (response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
  response.end(JSON.stringify({ Type: "User", Message: CANARY, message: CANARY }));
};

beforeEach(async () => {
  asked = [];
  answer = accept;
  const listener: RequestListener = async (request, response) => {
    const body = await text(request);
    asked.push({
      path: request.url ?? "",
      type: request.headers["x-amz-invocation-type"],
      event: JSON.parse(body),
    });
    answer(response);
  };
  lambda = await startStub(listener, { tls: false });
  stubAwsEnvironment({ LAMBDA: lambda.url });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await lambda.close();
});

async function invoke(functionName = "guard-remediate") {
  const start = lambdaInvoker({
    region: "eu-west-1",
    functionName,
    credentials: awsSignIn({ region: "eu-west-1", now: Date.now })(),
    limits: { connectTimeout: 300, answerTimeout: 300, callTimeout: 5_000 },
  });
  const result = await start({ cluster: "prod", note: "Größe" });
  expectNoSecret(result);
  return result;
}

it("starts the function with the event and does not wait for it", async () => {
  expect(await invoke()).toEqual({ ok: true, value: null });
  expect(asked).toEqual([
    {
      path: "/2015-03-31/functions/guard-remediate/invocations",
      type: "Event",
      event: { cluster: "prod", note: "Größe" },
    },
  ]);
});

it("tries again when Lambda is busy for a moment", async () => {
  answer = (response) => (asked.length < 3 ? refuse(429, "TooManyRequestsException")(response) : accept(response));
  expect((await invoke()).ok).toBe(true);
  expect(asked.length).toBe(3);
});

it.each([
  [
    403,
    "AccessDeniedException",
    "Forbidden",
    "AWS refuses lambda:InvokeFunction on arn:aws:lambda:eu-west-1:*:function:guard-remediate (AccessDeniedException)",
  ],
  [404, "ResourceNotFoundException", "NotFound", "There is no function guard-remediate in eu-west-1"],
  [429, "TooManyRequestsException", "Throttled", "Lambda in eu-west-1 is asked too often"],
  [403, "ExpiredTokenException", "Unauthorized", "they have expired"],
  [500, "ServiceException", "ServerError", "Lambda in eu-west-1 failed to answer (ServiceException"],
  [413, "RequestTooLargeException", "Refused", "RequestTooLargeException"],
])("%s %s is %s", async (status, type, code, message) => {
  answer = refuse(status, type);
  expect(await invoke()).toMatchObject({
    ok: false,
    failure: { code, what: "start function guard-remediate in eu-west-1", message: expect.stringContaining(message) },
  });
});

it.each([
  ["hang", "Timeout"],
  ["reset", "Unreachable"],
  ["garbage", "InvalidAnswer"],
  ["gateway page", "ServerError"],
] as const)("%s is %s", async (trouble, code) => {
  answer = (response) => makeTrouble(response, trouble, CANARY);
  expect(await invoke()).toMatchObject({ ok: false, failure: { code } });
});

it("names the function as it was named", async () => {
  answer = refuse(403, "AccessDeniedException");
  const arn = "arn:aws:lambda:eu-west-1:111122223333:function:guard-remediate";
  expect(await invoke(arn)).toMatchObject({ failure: { message: expect.stringContaining(`on ${arn} (`) } });
});

it("without credentials is a failure that says so", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  expect(await invoke()).toMatchObject({
    failure: { code: "Unauthorized", message: expect.stringContaining("There are no AWS credentials") },
  });
});
