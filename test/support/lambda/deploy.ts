import type { Iam } from "../iam/iam.ts";
import type { Credentials } from "../iam/principals.ts";
import { GUARD_ROLE, REGION, SWEEP_ROLE } from "../iam/suite.ts";
import { type BuiltFunctions, type FunctionName, handlerOf } from "./built-functions.ts";
import { type LambdaFunction, startFunction } from "./function.ts";
import { type LambdaService, startLambdaService } from "./service.ts";
import { type SnsStub, startSns } from "./sns-stub.ts";

export interface Deployment {
  readonly built: BuiltFunctions;
  /** Content of guard.yml. */
  readonly guard: object;
  readonly iam: Iam;
  /** For `AWS_ENDPOINT_URL_EKS`. */
  readonly eksUrl: string;
  /** Of each function's own role unless told otherwise. */
  readonly credentials?: Credentials;
  /** Of an event for remediate; 1 unless told otherwise. */
  readonly retries?: number;
  /** Of remediate; long enough for everything here unless told otherwise. */
  readonly timeoutSeconds?: number;
}

/** The guard as it stands in an account of AWS. */
export interface DeployedGuard extends AsyncDisposable, Readonly<Record<FunctionName, LambdaFunction>> {
  readonly service: LambdaService;
  readonly sns: SnsStub;
  /** All that it has written, answered or sent to people. */
  everythingSaid(): string;
}

const TOPIC = `arn:aws:sns:${REGION}:123456789012:apisix-token-guard`;
const LONG_ENOUGH = 300;
const roleOf = (name: FunctionName) => (name === "sweep" ? SWEEP_ROLE : GUARD_ROLE);
const nameOf = (name: FunctionName): string => `apisix-token-guard-test-${name}`;

/** As serverless.yml has it. */
export async function deployGuard(deployment: Deployment): Promise<DeployedGuard> {
  const { built, guard, iam, eksUrl, retries = 1, timeoutSeconds = LONG_ENOUGH } = deployment;
  const functions: LambdaFunction[] = [];
  const [service, sns] = await Promise.all([startLambdaService(functions, { retries }), startSns(TOPIC)]);
  const env = {
    AWS_ENDPOINT_URL_EKS: eksUrl,
    AWS_ENDPOINT_URL_LAMBDA: service.url,
    AWS_ENDPOINT_URL_SNS: sns.url,
    AWS_ENDPOINT_URL_STS: iam.stsUrl,
    GUARD_TOPIC_ARN: TOPIC,
    POWERTOOLS_LOG_LEVEL: "INFO",
    POWERTOOLS_METRICS_NAMESPACE: "ApisixTokenGuard",
    POWERTOOLS_SERVICE_NAME: "apisix-token-guard",
  };
  const start = async (name: FunctionName, own: Readonly<Record<string, string>> = {}, seconds = LONG_ENOUGH) => {
    const started = await startFunction({
      name: nameOf(name),
      zip: await built.pack(name, guard),
      handler: handlerOf(name),
      region: REGION,
      memoryMb: 512,
      timeoutSeconds: seconds,
      credentials: deployment.credentials ?? iam.open(roleOf(name).arn, nameOf(name)).credentials,
      env: { ...env, ...own },
    });
    functions.push(started);
    return started;
  };
  const [sweep, remediate, refresh] = await Promise.all([
    start("sweep", { GUARD_REMEDIATE_FUNCTION: nameOf("remediate") }),
    start("remediate", {}, timeoutSeconds),
    start("refresh"),
  ]);
  return {
    sweep,
    remediate,
    refresh,
    service,
    sns,
    everythingSaid: () => JSON.stringify([functions.map(({ invocations }) => invocations), sns.published]),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([service.stop(), sns.stop(), ...functions.map((one) => one.stop())]);
    },
  };
}
