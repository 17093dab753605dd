import { afterEach, expect, it, vi } from "vitest";
import { eksAuditGroup } from "../../../src/adapters/aws/audit-group.ts";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { describeCluster } from "../../../src/adapters/aws/describe-cluster.ts";
import { lambdaInvoker } from "../../../src/adapters/aws/lambda-invoker.ts";
import { snsNotifier } from "../../../src/adapters/aws/sns-notifier.ts";
import { stubAwsEnvironment } from "../../support/aws/environment.ts";
import { CANARY } from "../../support/aws/no-secrets.ts";
import { makeTrouble, TROUBLES } from "../../support/aws/trouble.ts";
import { startStub } from "../../support/stub-server.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) await close();
});

/** The SDK has loggers, hints and warnings of its own; in a function's log they would stand beside ours, with bodies. */
it.each(TROUBLES)("nothing is printed when every service answers with: %s", async (trouble) => {
  const { url, close } = await startStub((_request, response) => makeTrouble(response, trouble, CANARY), {
    tls: false,
  });
  closers.push(close);
  stubAwsEnvironment({ EKS: url, STS: url, LAMBDA: url, SNS: url, CLOUDWATCH_LOGS: url });
  const printed: unknown[][] = [];
  const note = (...words: unknown[]) => {
    printed.push(words);
    return true;
  };
  for (const name of ["debug", "error", "info", "log", "trace", "warn"] as const)
    vi.spyOn(console, name).mockImplementation(note);
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(note);
  vi.spyOn(process, "emitWarning").mockImplementation(note);

  const limits = { connectTimeout: 200, answerTimeout: 200, callTimeout: 1_000 };
  const signIn = awsSignIn({ region: "eu-west-1", now: Date.now, limits });
  const options = { credentials: signIn(), limits };
  const done = await Promise.allSettled([
    describeCluster({ name: "prod", region: "eu-west-1" }, options),
    signIn("arn:aws:iam::111122223333:role/guard")(),
    lambdaInvoker({ region: "eu-west-1", functionName: "guard", ...options })({}),
    snsNotifier({ topicArn: "arn:aws:sns:eu-west-1:111122223333:alerts", ...options })({ subject: "s", text: "t" }),
    eksAuditGroup({ cluster: { name: "prod", region: "eu-west-1" }, ...options }).read({ from: 0, until: 1 }),
  ]);

  expect(
    done.map((result) => (result.status === "fulfilled" && "ok" in result.value ? result.value.ok : result.status)),
  ).toEqual(["rejected", "rejected", false, false, false]);
  expect(printed).toEqual([]);
});
