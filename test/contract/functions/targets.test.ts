import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eksAuditGroup } from "../../../src/adapters/aws/audit-group.ts";
import { fromTree } from "../../../src/config/from-tree.ts";
import { allTargets, oneTarget } from "../../../src/lambda/targets.ts";
import { type EksFake, type FakeCluster, startEksFake } from "../../support/aws/eks-fake.ts";
import { createAuthority } from "../../support/control-plane/boot/certificates.ts";

const OTHER_ACCOUNT = "arn:aws:iam::444455556666:role/guard";
const READ_ROLE = "arn:aws:iam::444455556666:role/guard-read";
const TAGS = { apisix: "true" };

const cluster = (region: string, name: string, over: Partial<FakeCluster> = {}): FakeCluster => ({
  region,
  name,
  endpoint: null,
  ca: null,
  tags: TAGS,
  ...over,
});

const CLUSTERS: readonly FakeCluster[] = [
  cluster("eu-west-1", "prod"),
  cluster("eu-west-1", "plain", { tags: {} }),
  cluster("us-east-1", "prod"),
];

/** What the functions give to their targets, for this guard.yml, and an AWS on loopback. */
function run(clusters: readonly object[], evidence: object = {}) {
  const { config } = fromTree({ clusters, evidence }, "guard.yml");
  const signIn = (roleArn?: string) => async () => ({
    accessKeyId: roleArn === undefined ? "OWN" : roleArn === READ_ROLE ? "READ" : "ROLE",
    secretAccessKey: "secret",
  });
  return {
    config,
    environment: {
      region: "eu-west-1",
      account: "111122223333",
      remediateFunction: null,
      remediateConcurrency: 10,
      topicArn: null,
    },
    signIn,
    now: Date.now,
  };
}

describe("the clusters of a function", () => {
  let eks: EksFake;
  beforeEach(async () => {
    eks = await startEksFake({ clusters: CLUSTERS });
    vi.stubEnv("AWS_ENDPOINT_URL_EKS", eks.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await eks.close();
  });

  const namesOf = async (clusters: readonly object[]) => (await allTargets(run(clusters))).map(({ name }) => name);

  it("are those that guard.yml names, with what it says of them", async () => {
    const targets = await allTargets(run([{ name: "prod", mode: "remediate", tokenLifetime: "2d" }, { name: "far" }]));
    expect(targets).toMatchObject([
      { name: "prod", settings: { mode: "remediate", tokenLifetime: 172_800_000 } },
      { name: "far", settings: { mode: "check", tokenLifetime: null } },
    ]);
    expect(eks.requests).toEqual([]);
  });

  it.each([
    [{}, { auditOf: eksAuditGroup }, "undefined"],
    [{ audit: true }, { auditOf: eksAuditGroup }, "object"],
    [{ audit: true }, {}, "undefined"],
  ])(
    "are read with the audit log of EKS only when guard.yml wants it: %o, and the function: %o",
    async (evidence, use, expected) => {
      const endpoint = "https://0123.gr7.eu-west-1.eks.amazonaws.com";
      const ca = createAuthority("eks").certificate;
      eks.clusters.splice(0, 3, cluster("eu-west-1", "prod", { endpoint, ca }));
      const search = { discover: { regions: ["eu-west-1"], tags: TAGS } };
      const source = { ...run([{ name: "prod" }, search], evidence), ...use };
      for (const target of [...(await allTargets(source)), await oneTarget("prod", source)]) {
        const connected = await target.connect();
        expect(typeof connected.audit).toBe(expected);
        connected.close();
      }
    },
  );

  it("and those that carry the tags, by region and name", async () => {
    expect(await namesOf([{ discover: { regions: ["eu-west-1", "us-east-1"], tags: TAGS } }])).toEqual([
      "eu-west-1/prod",
      "us-east-1/prod",
    ]);
  });

  it("each once: what is said by name holds, then the first search that finds it", async () => {
    const search = { discover: { regions: ["eu-west-1", "us-east-1"], tags: TAGS } };
    const targets = await allTargets(run([{ name: "prod" }, { ...search, mode: "remediate" }, search]));
    expect(targets.map(({ name, settings }) => [name, settings.mode])).toEqual([
      ["prod", "check"],
      ["us-east-1/prod", "remediate"],
    ]);
  });

  it("of another account are called by it, too", async () => {
    const search = { discover: { regions: ["us-east-1"], tags: TAGS }, roleArn: OTHER_ACCOUNT };
    eks.clusters.splice(0, 3, cluster("us-east-1", "prod", { accountId: "444455556666" }));
    expect(await namesOf([search])).toEqual(["444455556666/us-east-1/prod"]);
    expect(new Set(eks.requests.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["ROLE"]));
  });

  it("of two accounts may share a name, and are two", async () => {
    const search = { discover: { regions: ["eu-west-1"], tags: TAGS }, roleArn: OTHER_ACCOUNT };
    eks.clusters.splice(0, 3, cluster("eu-west-1", "prod", { accountId: "444455556666" }));
    expect(await namesOf([{ name: "prod" }, search])).toEqual(["prod", "444455556666/eu-west-1/prod"]);
  });

  it("by name with the role of another account are not found a second time", async () => {
    const search = { discover: { regions: ["eu-west-1"], tags: TAGS }, roleArn: OTHER_ACCOUNT, mode: "remediate" };
    eks.clusters.splice(0, 3, cluster("eu-west-1", "prod", { accountId: "444455556666" }));
    const targets = await allTargets(run([{ name: "prod", roleArn: OTHER_ACCOUNT }, search]));
    expect(targets.map(({ name, settings }) => [name, settings.mode])).toEqual([["prod", "check"]]);
  });

  it.each([
    ["by the role that only looks", { readRoleArn: READ_ROLE }, "READ"],
    ["by the one role that there is", {}, "ROLE"],
  ])("of another account are found and looked at %s", async (_how, roles, accessKeyId) => {
    const search = { discover: { regions: ["us-east-1"], tags: TAGS }, roleArn: OTHER_ACCOUNT, ...roles };
    const named = { name: "prod", roleArn: OTHER_ACCOUNT, ...roles };
    eks.clusters.splice(0, 3, cluster("us-east-1", "prod", { accountId: "444455556666" }));
    const targets = await allTargets(run([named, search]));
    expect(targets.map(({ name }) => name)).toEqual(["prod", "444455556666/us-east-1/prod"]);
    await targets[0]?.connect().catch(() => {});
    expect(eks.requests.map(({ operation }) => operation)).toContain("ListClusters");
    expect(new Set(eks.requests.map((request) => request.accessKeyId))).toEqual(new Set([accessKeyId]));
  });

  it("are told as unknown where a region could not be searched", async () => {
    eks.fail = ({ region, operation }) =>
      region === "us-east-1" && operation === "ListClusters" ? { status: 403, type: "AccessDeniedException" } : null;
    const targets = await allTargets(run([{ discover: { regions: ["eu-west-1", "us-east-1"], tags: TAGS } }]));
    expect(targets.map(({ name }) => name)).toEqual(["eu-west-1/prod", "us-east-1/*"]);
    await expect(targets[1]?.connect()).rejects.toMatchObject({
      code: "SignInFailed",
      message: expect.stringContaining("eks:ListClusters"),
    });
  });
});

describe("one cluster of a function", () => {
  const SEARCH = { discover: { regions: ["eu-west-1"], tags: TAGS }, mode: "remediate" };
  let eks: EksFake;
  beforeEach(async () => {
    eks = await startEksFake({ clusters: CLUSTERS });
    vi.stubEnv("AWS_ENDPOINT_URL_EKS", eks.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await eks.close();
  });

  it.each([["prod"], ["eu-west-1/prod"]])("is found as %s", async (name) => {
    const target = await oneTarget(name, run([{ name: "prod", mode: "remediate" }, SEARCH]));
    expect(target).toMatchObject({ name, settings: { mode: "remediate" } });
  });

  it("is the one of the search whose tags it carries", async () => {
    const other = { discover: { regions: ["eu-west-1"], tags: { team: "x" } } };
    expect(await oneTarget("eu-west-1/prod", run([other, SEARCH]))).toMatchObject({ settings: { mode: "remediate" } });
  });

  it.each([
    ["it carries none of the tags", "eu-west-1/plain", "does not carry the tags"],
    ["no search goes to its region", "us-east-1/prod", "knows no cluster us-east-1/prod"],
    ["no search goes to its account", "444455556666/eu-west-1/prod", "knows no cluster"],
    ["nothing names it", "prdo", "did you mean prod?"],
  ])("is refused when %s", async (_why, name, message) => {
    await expect(oneTarget(name, run([{ name: "prod" }, SEARCH]))).rejects.toMatchObject({
      code: "BadUsage",
      message: expect.stringContaining(message),
    });
  });

  it("is restarted in by the role that may, though another one only looks", async () => {
    const roles = { roleArn: OTHER_ACCOUNT, readRoleArn: READ_ROLE };
    eks.clusters.splice(0, 3, cluster("eu-west-1", "prod", { accountId: "444455556666" }));
    const clusters = [
      { name: "prod", ...roles },
      { ...SEARCH, ...roles },
    ];
    for (const name of ["prod", "444455556666/eu-west-1/prod"]) {
      const target = await oneTarget(name, run(clusters));
      await target.connect().catch(() => {});
    }
    expect(eks.requests).toHaveLength(2);
    expect(new Set(eks.requests.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["ROLE"]));
  });

  it("that AWS does not tell about is a target that cannot be connected to", async () => {
    eks.fail = () => ({ status: 403, type: "AccessDeniedException" });
    const target = await oneTarget("eu-west-1/prod", run([SEARCH]));
    expect(target.name).toBe("eu-west-1/prod");
    await expect(target.connect()).rejects.toMatchObject({ code: "SignInFailed" });
  });
});
