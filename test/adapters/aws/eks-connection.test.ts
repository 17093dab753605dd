import { describe, expect, it } from "vitest";
import type { EksCluster, EksNetwork } from "../../../src/adapters/aws/describe-cluster.ts";
import { eksConnection } from "../../../src/adapters/aws/eks-connection.ts";
import { createAuthority } from "../../support/control-plane/boot/certificates.ts";

const ca = createAuthority("eks").certificate;
const base64 = (text: string) => Buffer.from(text).toString("base64");

const PROD: EksCluster = {
  name: "prod",
  region: "eu-west-1",
  accountId: "111122223333",
  status: "ACTIVE",
  platformVersion: "eks.9",
  tags: {},
  endpoint: "https://0123.gr7.eu-west-1.eks.amazonaws.com",
  ca: base64(ca),
  network: { endpoint: "public", vpc: "vpc-0123", securityGroup: "sg-0123" },
};

const KEY = { accessKeyId: "AKID", secretAccessKey: "canary-secret", sessionToken: "canary-session" };
const connection = (change: Partial<EksCluster> = {}) =>
  eksConnection(
    { ...PROD, ...change },
    async () => KEY,
    () => 0,
  );

it.each(["ACTIVE", "UPDATING", "A_STATE_OF_THE_FUTURE"])("a cluster that is %s is connected to", async (status) => {
  const options = connection({ status });
  expect(options).toMatchObject({ server: PROD.endpoint, ca });
  expect((await options.authenticate()).headers.authorization).toMatch(/^Bearer k8s-aws-v1\.[\w-]{300,}$/);
  expect(JSON.stringify(options)).not.toMatch(/canary|k8s-aws/);
});

it.each([
  [{ status: "CREATING" }, "is being created (CREATING); the next run looks at it again."],
  [{ status: "CREATING", endpoint: null, ca: null }, "is being created (CREATING); the next run looks at it again."],
  [{ status: "PENDING" }, "is registered but not connected yet (PENDING); the next run looks at it again."],
  [{ status: "DELETING" }, "is being deleted (DELETING); if guard.yml names it, take it out there."],
  [{ status: "FAILED" }, "could not be created (FAILED); see why in the EKS console, and delete it."],
  [{ endpoint: null }, "has no endpoint yet; the next run looks at it again."],
  [{ endpoint: "http://10.0.0.1" }, "has an endpoint that does not begin with https://."],
  [{ ca: null }, "has no CA certificate that can be used: what AWS gives for it is not PEM."],
  [{ ca: "" }, "has no CA certificate that can be used: what AWS gives for it is not PEM."],
  [{ ca: base64("canary") }, "has no CA certificate that can be used: what AWS gives for it is not PEM."],
  [{ ca }, "has no CA certificate that can be used: what AWS gives for it is not PEM."],
] as [Partial<EksCluster>, string][])("%o: it %s", (change, reason) => {
  expect(() => connection(change)).toThrow(
    expect.objectContaining({
      code: "ClusterUnreachable",
      message: `EKS cluster prod in eu-west-1 ${reason}`,
      fields: { cluster: "prod", region: "eu-west-1", status: change.status ?? "ACTIVE" },
    }),
  );
});

describe("what to check when the endpoint cannot be reached", () => {
  it.each([
    [
      "private",
      "the cluster's endpoint is private: the function must run in its VPC (vpc-0123) or a connected one with DNS, and the cluster security group (sg-0123) must admit port 443 from it.",
    ],
    [
      "restricted",
      "the cluster's public endpoint admits only some addresses (publicAccessCidrs): admit the function's, or the function must run in its VPC (vpc-0123)",
    ],
    ["public", "the cluster's endpoint is public: a function in a VPC needs a NAT gateway to it"],
  ] as const)("%s", (endpoint, text) => {
    expect(connection({ network: { ...PROD.network, endpoint } }).unreachableHint).toContain(text);
  });

  it.each(["private", "restricted", "public"] as const)("%s, in a VPC that AWS does not name", (endpoint) => {
    const network: EksNetwork = { endpoint, vpc: null, securityGroup: null };
    expect(connection({ network }).unreachableHint).not.toMatch(/null|undefined/);
  });
});
