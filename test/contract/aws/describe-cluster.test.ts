import { createServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { describeCluster } from "../../../src/adapters/aws/describe-cluster.ts";
import { type EksFake, type FakeCluster, startEksFake } from "../../support/aws/eks-fake.ts";
import { ENVIRONMENT_KEY, stubAwsEnvironment } from "../../support/aws/environment.ts";
import { CANARY, guardErrorOf } from "../../support/aws/no-secrets.ts";

const REGION = "eu-west-1";

const PROD: FakeCluster = {
  name: "prod",
  region: REGION,
  endpoint: "https://0123.gr7.eu-west-1.eks.amazonaws.com",
  ca: "PEM",
  tags: { team: "edge" },
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
});

async function start(clusters: readonly FakeCluster[] = [PROD]): Promise<EksFake> {
  const eks = await startEksFake({ clusters, canary: CANARY });
  closers.push(eks.close);
  stubAwsEnvironment({ EKS: eks.url });
  return eks;
}

/** The SDK waits up to 3 s between attempts that were throttled. */
const LIMITS = { connectTimeout: 300, answerTimeout: 300, callTimeout: 5_000 };

function describeProd(name = "prod", callTimeout = LIMITS.callTimeout) {
  const credentials = awsSignIn({ region: REGION, now: Date.now })();
  return describeCluster({ name, region: REGION }, { credentials, limits: { ...LIMITS, callTimeout } });
}

it("gives what AWS says of the cluster", async () => {
  const eks = await start();
  expect(await describeProd()).toEqual({
    name: "prod",
    region: REGION,
    accountId: "111122223333",
    status: "ACTIVE",
    platformVersion: "eks.9",
    tags: { team: "edge" },
    endpoint: PROD.endpoint,
    ca: Buffer.from("PEM").toString("base64"),
    network: { endpoint: "public", vpc: "vpc-0123", securityGroup: "sg-0123" },
  });
  expect(eks.requests).toEqual([
    { operation: "DescribeCluster", region: REGION, accessKeyId: ENVIRONMENT_KEY.accessKeyId, name: "prod" },
  ]);
});

it.each([
  [{ endpointPublicAccess: false, endpointPrivateAccess: true, publicAccessCidrs: [] }, "private"],
  [{ publicAccessCidrs: ["198.51.100.0/24"] }, "restricted"],
  [{ publicAccessCidrs: ["198.51.100.0/24", "0.0.0.0/0"] }, "public"],
])("tells from where the endpoint can be reached: %o", async (resourcesVpcConfig, endpoint) => {
  await start([{ ...PROD, resourcesVpcConfig }]);
  expect((await describeProd()).network.endpoint).toBe(endpoint);
});

it("gives a cluster that is still being created, without endpoint and CA", async () => {
  await start([{ ...PROD, status: "CREATING", endpoint: null, ca: null }]);
  expect(await describeProd()).toMatchObject({ status: "CREATING", endpoint: null, ca: null });
});

describe("an error of EKS", () => {
  it("that it knows no such cluster is a mistake in guard.yml", async () => {
    await start();
    expect(await guardErrorOf(describeProd("staging"))).toMatchObject({
      code: "BadConfig",
      message:
        "There is no EKS cluster staging in eu-west-1 in the account that was asked; correct name, region or roleArn in guard.yml (ResourceNotFoundException).",
      fields: { cluster: "staging", region: REGION, failure: "NotFound" },
    });
  });

  it.each([
    [
      403,
      "AccessDeniedException",
      "SignInFailed",
      "AWS refuses eks:DescribeCluster on arn:aws:eks:eu-west-1:*:cluster/prod (AccessDeniedException); allow it in the policy of the role that asks.",
    ],
    [403, "ExpiredTokenException", "SignInFailed", "they have expired"],
    [403, "UnrecognizedClientException", "SignInFailed", "whether the region is enabled"],
    [403, "InvalidSignatureException", "SignInFailed", "this machine's clock is wrong"],
    [429, "TooManyRequestsException", "ClusterUnreachable", "is asked too often (TooManyRequestsException"],
    [400, "ThrottlingException", "ClusterUnreachable", "is asked too often (ThrottlingException"],
    [500, "ServerException", "ClusterUnreachable", "failed to answer (ServerException"],
    [503, "ServiceUnavailableException", "ClusterUnreachable", "failed to answer (ServiceUnavailableException"],
    [400, "InvalidParameterException", "ClusterUnreachable", "refuses eks:DescribeCluster"],
    [403, `<b>${CANARY}</b>`, "ClusterUnreachable", "HTTP 403"],
  ])("%s %s is told as %s: %s", async (status, type, code, text) => {
    const eks = await start();
    eks.fail = () => ({ status, type });
    const error = await guardErrorOf(describeProd());
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it.each([
    [429, "TooManyRequestsException"],
    [400, "ThrottlingException"],
    [503, "ServiceUnavailableException"],
  ])("%s %s passes when it is over in time", async (status, type) => {
    const eks = await start();
    eks.fail = () => (eks.requests.length < 3 ? { status, type } : null);
    expect((await describeProd()).name).toBe("prod");
    expect(eks.requests.length).toBe(3);
  });

  it("that no retry mends is given after three attempts", async () => {
    const eks = await start();
    eks.fail = () => ({ status: 503, type: "ServiceUnavailableException" });
    await guardErrorOf(describeProd());
    expect(eks.requests.length).toBe(3);
  });
});

describe("no usable answer", () => {
  const ADVICE = "a function in a VPC needs a NAT gateway or the interface endpoint com.amazonaws.eu-west-1.eks";

  it.each([
    ["hang", "EKS in eu-west-1 gave no answer in time", ADVICE],
    ["hang in body", "EKS in eu-west-1 gave no answer in time", ADVICE],
    ["reset", "No connection to EKS in eu-west-1 (ECONNRESET)", ADVICE],
    ["garbage", "The answer is not one of EKS in eu-west-1 (HTTP 200)", "AWS_ENDPOINT_URL"],
    ["gateway page", "EKS in eu-west-1 failed to answer (HTTP 502", ""],
  ] as const)("%s: %s", async (trouble, text, advice) => {
    const eks = await start();
    eks.fail = () => trouble;
    const started = performance.now();
    const error = await guardErrorOf(describeProd("prod", 1_500));
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(error.code).toBe("ClusterUnreachable");
    expect(error.message).toContain(text);
    expect(error.message).toContain(advice);
  });

  it("is passed over when the next attempt gets one", async () => {
    const eks = await start();
    eks.fail = () => (["reset", "hang"] as const)[eks.requests.length - 1] ?? null;
    expect((await describeProd()).name).toBe("prod");
  });

  it.each([{}, { cluster: null }, { cluster: { name: "other" } }, { cluster: { name: "prod", arn: CANARY } }, []])(
    "an answer without the cluster is none: %j",
    async (body) => {
      const server = await startPlain(JSON.stringify(body));
      stubAwsEnvironment({ EKS: server });
      const error = await guardErrorOf(describeProd());
      expect(error).toMatchObject({ code: "ClusterUnreachable", fields: { failure: "InvalidAnswer" } });
    },
  );

  it("a port on which nothing listens", async () => {
    const { url, close } = await startEksFake();
    await close();
    stubAwsEnvironment({ EKS: url });
    const error = await guardErrorOf(describeProd());
    expect(error.code).toBe("ClusterUnreachable");
    expect(error.message).toContain(`No connection to EKS in eu-west-1 (ECONNREFUSED); ${ADVICE}`);
  });

  it("a certificate that nobody here trusts", async () => {
    const eks = await startEksFake({ tls: true });
    closers.push(eks.close);
    stubAwsEnvironment({ EKS: eks.url });
    expect((await guardErrorOf(describeProd())).message).toMatch(
      /^The certificate of EKS in eu-west-1 is not trusted \([A-Z_]+\); .* NODE_EXTRA_CA_CERTS\.$/,
    );
  });

  it("a name that cannot be resolved", async () => {
    stubAwsEnvironment({ EKS: "http://eks.invalid" });
    expect((await guardErrorOf(describeProd())).message).toMatch(
      /^No connection to EKS in eu-west-1 \((ENOTFOUND|EAI_AGAIN)\)/,
    );
  });
});

it("without credentials nothing is asked", async () => {
  const eks = await start();
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  expect(await guardErrorOf(describeProd())).toMatchObject({
    code: "SignInFailed",
    message: expect.stringContaining("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"),
  });
  expect(eks.requests).toEqual([]);
});

/** Answers every connection with this JSON. */
async function startPlain(body: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}
