import { afterEach, expect, it, vi } from "vitest";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { type DiscoverEntry, discoverClusters } from "../../../src/adapters/aws/discover-clusters.ts";
import { type EksFake, type EksRequest, type FakeCluster, startEksFake } from "../../support/aws/eks-fake.ts";
import { stubAwsEnvironment } from "../../support/aws/environment.ts";
import { CANARY, expectNoSecret } from "../../support/aws/no-secrets.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
});

async function start(clusters: readonly FakeCluster[], pageSize = 100): Promise<EksFake> {
  const eks = await startEksFake({ clusters, pageSize, canary: CANARY });
  closers.push(eks.close);
  stubAwsEnvironment({ EKS: eks.url });
  return eks;
}

/** What discovery finds, by region and name; failures hold no secret. */
async function discover(entry: Partial<DiscoverEntry>) {
  const credentials = awsSignIn({ region: "eu-west-1", now: Date.now })();
  const discovery = await discoverClusters(
    { regions: ["eu-west-1"], tags: {}, ...entry },
    { credentials, limits: { connectTimeout: 300, answerTimeout: 300, callTimeout: 5_000 } },
  );
  expectNoSecret(discovery.failures);
  return {
    found: discovery.clusters.map(({ region, name }) => `${region}/${name}`),
    failures: discovery.failures.map(({ region, name, error }) => ({
      place: `${region}/${name}`,
      code: error.code,
      message: error.message,
    })),
    clusters: discovery.clusters,
  };
}

const cluster = (name: string, tags: Record<string, string> = {}, region = "eu-west-1"): FakeCluster => ({
  name,
  region,
  endpoint: `https://${name}.example`,
  ca: "PEM",
  tags,
});

it("finds the clusters that carry all the tags, region by region", async () => {
  await start([
    cluster("one", { apisix: "true", team: "edge" }),
    cluster("two", { apisix: "true" }),
    cluster("three", { apisix: "false", team: "edge" }),
    cluster("four", { team: "edge" }),
    cluster("five", {}),
    cluster("one", { apisix: "true", team: "edge" }, "us-east-1"),
    cluster("elsewhere", { apisix: "true", team: "edge" }, "ap-south-1"),
  ]);
  const entry = { regions: ["us-east-1", "eu-west-1"], tags: { apisix: "true", team: "edge" } };
  expect(await discover(entry)).toMatchObject({ found: ["us-east-1/one", "eu-west-1/one"], failures: [] });
});

it("tells of each all that AWS has said", async () => {
  await start([{ ...cluster("one", { apisix: "true" }), accountId: "444455556666" }]);
  expect((await discover({})).clusters).toEqual([
    {
      name: "one",
      region: "eu-west-1",
      accountId: "444455556666",
      status: "ACTIVE",
      platformVersion: "eks.9",
      tags: { apisix: "true" },
      endpoint: "https://one.example",
      ca: Buffer.from("PEM").toString("base64"),
      network: { endpoint: "public", vpc: "vpc-0123", securityGroup: "sg-0123" },
    },
  ]);
});

it("without tags finds every cluster, on every page, and asks about a few at a time", async () => {
  const names = Array.from({ length: 230 }, (_, index) => `cluster-${index}`);
  const eks = await start(
    names.map((name) => cluster(name)),
    50,
  );
  const { found, failures } = await discover({});
  expect(found).toEqual(names.map((name) => `eu-west-1/${name}`));
  expect(failures).toEqual([]);
  expect(eks.requests.filter(({ operation }) => operation === "ListClusters").length).toBe(5);
  expect(eks.most).toBeLessThanOrEqual(8);
});

it("a region without clusters is no failure", async () => {
  await start([]);
  expect(await discover({})).toMatchObject({ found: [], failures: [] });
});

/** Fails what the table says, and nothing else. */
const failing = (which: (request: EksRequest) => boolean, type: string) => (request: EksRequest) =>
  which(request) ? { status: 403, type } : null;

it("a region that cannot be listed is a failure, beside what is found in others", async () => {
  const eks = await start([cluster("one"), cluster("two", {}, "us-east-1")]);
  eks.fail = failing(
    ({ operation, region }) => operation === "ListClusters" && region === "us-east-1",
    "AccessDeniedException",
  );
  expect(await discover({ regions: ["us-east-1", "eu-west-1"] })).toMatchObject({
    found: ["eu-west-1/one"],
    failures: [
      {
        place: "us-east-1/null",
        code: "SignInFailed",
        message:
          'AWS refuses eks:ListClusters in us-east-1; allow it on "*", which is all a policy can say of it (AccessDeniedException).',
      },
    ],
  });
});

it("a list that breaks off at its second page is a failure and not a shorter list", async () => {
  const eks = await start(
    ["one", "two", "three"].map((name) => cluster(name)),
    2,
  );
  eks.fail = () => (eks.requests.length > 1 ? "garbage" : null);
  expect(await discover({})).toMatchObject({
    found: [],
    failures: [{ place: "eu-west-1/null", code: "ClusterUnreachable" }],
  });
});

it("a cluster that cannot be asked about is a failure of its own: it may carry the tags", async () => {
  const eks = await start([cluster("one", { apisix: "true" }), cluster("two", { apisix: "true" })]);
  eks.fail = failing(({ name }) => name === "one", "AccessDeniedException");
  expect(await discover({ tags: { apisix: "true" } })).toMatchObject({
    found: ["eu-west-1/two"],
    failures: [
      { place: "eu-west-1/one", code: "SignInFailed", message: expect.stringContaining("eks:DescribeCluster") },
    ],
  });
});

it("a cluster that is gone when it is asked about was deleted", async () => {
  const eks = await start([cluster("one"), cluster("two")]);
  eks.fail = ({ name }) => (name === "one" ? { status: 404, type: "ResourceNotFoundException" } : null);
  expect(await discover({})).toMatchObject({ found: ["eu-west-1/two"], failures: [] });
});

it("throttling passes", async () => {
  const eks = await start([cluster("one")]);
  eks.fail = () => (eks.requests.length % 2 === 1 ? { status: 429, type: "TooManyRequestsException" } : null);
  expect(await discover({})).toMatchObject({ found: ["eu-west-1/one"], failures: [] });
});

it("a list that has no end stops in time, as a failure", async () => {
  const eks = await start([cluster("one")], 0);
  const started = performance.now();
  expect(await discover({})).toMatchObject({ found: [], failures: [{ place: "eu-west-1/null" }] });
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(eks.requests.length).toBeGreaterThan(1);
});

it("without credentials every region is a failure, and nothing is asked", async () => {
  const eks = await start([cluster("one")]);
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  const { failures } = await discover({ regions: ["eu-west-1", "us-east-1"] });
  expect(failures.map(({ place, code }) => [place, code])).toEqual([
    ["eu-west-1/null", "SignInFailed"],
    ["us-east-1/null", "SignInFailed"],
  ]);
  expect(eks.requests).toEqual([]);
});
