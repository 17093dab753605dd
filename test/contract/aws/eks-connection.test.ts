import { createServer } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { describeCluster } from "../../../src/adapters/aws/describe-cluster.ts";
import { eksConnection } from "../../../src/adapters/aws/eks-connection.ts";
import { connect } from "../../../src/adapters/kubernetes/connect.ts";
import { startEksFake } from "../../support/aws/eks-fake.ts";
import { ENVIRONMENT_KEY, stubAwsEnvironment } from "../../support/aws/environment.ts";
import { expectNoSecret } from "../../support/aws/no-secrets.ts";
import { createAuthority } from "../../support/control-plane/boot/certificates.ts";
import { serve, startStub } from "../../support/stub-server.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0).reverse()) await close();
});

/** The whole way: what AWS says of the cluster, then a question to its API server. */
async function pods(endpoint: string, ca: string, resourcesVpcConfig = {}) {
  const eks = await startEksFake({
    clusters: [{ name: "prod", region: "eu-west-1", endpoint, ca, resourcesVpcConfig }],
  });
  closers.push(eks.close);
  stubAwsEnvironment({ EKS: eks.url });
  const credentials = awsSignIn({ region: "eu-west-1", now: Date.now })();
  const described = await describeCluster({ name: "prod", region: "eu-west-1" }, { credentials });
  const options = eksConnection(described, credentials, Date.now);
  const cluster = connect({ ...options, limits: { connectTimeout: 300, answerTimeout: 300 } });
  closers.push(cluster.close);
  const answer = await cluster.workloads.pods("apisix", "");
  expectNoSecret(answer);
  expectNoSecret(cluster.warnings);
  return answer;
}

it("the API server is asked with a token for this cluster, and trusted by the cluster's CA alone", async () => {
  const tokens: string[] = [];
  const server = await startStub((request, response) => {
    tokens.push(request.headers.authorization ?? "");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ kind: "PodList", metadata: {}, items: [] }));
  });
  closers.push(server.close);
  expect(await pods(server.url, server.ca)).toEqual({ ok: true, value: [] });
  const [url = ""] = tokens.map((token) =>
    Buffer.from(token.replace("Bearer k8s-aws-v1.", ""), "base64url").toString(),
  );
  expect(url).toMatch(/^https:\/\/sts\.eu-west-1\.amazonaws\.com\/\?Action=GetCallerIdentity&/);
  expect(new URL(url).searchParams.get("X-Amz-Security-Token")).toBe(ENVIRONMENT_KEY.sessionToken);

  const other = createAuthority("other").certificate;
  expect(await pods(server.url, other)).toMatchObject({ failure: { code: "UntrustedCertificate" } });
});

const PRIVATE = { endpointPublicAccess: false, vpcId: "vpc-9", clusterSecurityGroupId: "sg-9" };
const HINT =
  "the cluster's endpoint is private: the function must run in its VPC (vpc-9) or a connected one with DNS, and the cluster security group (sg-9) must admit port 443 from it.";

it.each([
  [
    "whose name cannot be resolved",
    "https://eks.invalid",
    "Unreachable",
    "The name of eks.invalid:443 cannot be resolved",
  ],
  ["that refuses connections", "https://127.0.0.1:9", "Unreachable", "No connection to 127.0.0.1:9"],
])("an endpoint %s is explained by the cluster's network", async (_what, endpoint, code, text) => {
  const answer = await pods(endpoint, createAuthority("eks").certificate, PRIVATE);
  expect(answer).toMatchObject({ failure: { code, message: expect.stringMatching(new RegExp(`^${text}`)) } });
  expect(answer).toMatchObject({ failure: { message: expect.stringContaining(HINT) } });
});

it("an endpoint that never answers is explained by the cluster's network", async () => {
  const silent = await serve(createServer(), (port) => `https://127.0.0.1:${port}`);
  closers.push(silent.close);
  expect(await pods(silent.url, silent.ca, PRIVATE)).toMatchObject({
    failure: { code: "Timeout", message: `No connection to 127.0.0.1:${silent.port} within 0.3 s; ${HINT}` },
  });
});
