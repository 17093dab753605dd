import { afterEach, describe, expect, it } from "vitest";
import { eksToken } from "../../src/adapters/aws/eks-token.ts";
import { type Instant, MINUTE, SECOND } from "../../src/model/time.ts";
import { type Credentials, sessionArn } from "../support/iam/principals.ts";
import { CLUSTER_NAME, describeSignIn, GUARD_ROLE, REGION, SWEEP_ROLE, UNMAPPED_ROLE } from "../support/iam/suite.ts";

/** As if it had been signed for so many seconds. */
function claimToLast(token: string, seconds: number): string {
  const [prefix, url = ""] = token.split(".");
  const changed = Buffer.from(url, "base64url").toString().replace("X-Amz-Expires=60", `X-Amz-Expires=${seconds}`);
  return `${prefix}.${Buffer.from(changed).toString("base64url")}`;
}

/** Whose tokens get in, and as whom. */
describeSignIn("signing in to a real API server through the authenticator of EKS", (bed) => {
  afterEach(() => bed().iam.sts.faults.clear());

  /** The API server's answer to "who am I?". */
  async function whoIs(token: string): Promise<{ status: number; user?: { username: string; groups: string[] } }> {
    const { status, text } = await bed().cluster.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      token,
      body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    });
    return status === 201 ? { status, user: JSON.parse(text).status.userInfo } : { status };
  }

  interface Wanted {
    readonly credentials: Credentials;
    readonly cluster: string;
    readonly region: string;
    readonly at: Instant;
  }

  const tokenOf = (wanted: Partial<Wanted> = {}, role = GUARD_ROLE): Promise<string> => {
    const { cluster = CLUSTER_NAME, region = REGION, at = Date.now() } = wanted;
    return eksToken({ name: cluster, region }, wanted.credentials ?? bed().iam.open(role.arn, "sweep").credentials, at);
  };

  it.each([
    ["remediate", GUARD_ROLE, "apisix-token-guard"],
    ["the sweep", SWEEP_ROLE, "apisix-token-guard-read"],
  ])("knows a session of the role of %s by its group", async (_whose, role, group) => {
    const session = bed().iam.open(role.arn, "function");
    expect(await whoIs(await tokenOf({ credentials: session.credentials }))).toEqual({
      status: 201,
      user: expect.objectContaining({
        username: sessionArn(session),
        groups: [group, "system:authenticated"],
      }),
    });
  });

  it("accepts a token of fourteen minutes ago", async () => {
    expect(await whoIs(await tokenOf({ at: Date.now() - 14 * MINUTE }))).toMatchObject({ status: 201 });
  });

  it("accepts a token by the STS of another region", async () => {
    expect(await whoIs(await tokenOf({ region: "us-east-1" }))).toMatchObject({ status: 201 });
  });

  describe("refuses", () => {
    /** What STS says of it; nothing: the authenticator itself refuses it, without asking. */
    type Refusal = readonly [what: string, sts: readonly string[], token: () => Promise<string>];

    const credentialsOf = (expiresAt?: number) => bed().iam.open(GUARD_ROLE.arn, "sweep", expiresAt).credentials;

    it.each<Refusal>([
      ["a token of sixteen minutes ago", [], () => tokenOf({ at: Date.now() - 16 * MINUTE })],
      ["a token that says it is valid for sixteen minutes", [], async () => claimToLast(await tokenOf(), 901)],
      ["a token that is none", [], async () => "k8s-aws-v1.aGVsbG8"],
      ["a token of a role that it does not know", ["OK"], () => tokenOf({}, UNMAPPED_ROLE)],
      ["a token for another cluster", ["SignatureDoesNotMatch"], () => tokenOf({ cluster: "staging" })],
      [
        "a token signed with another secret",
        ["SignatureDoesNotMatch"],
        () => tokenOf({ credentials: { ...credentialsOf(), secretAccessKey: "another" } }),
      ],
      [
        "a token with another session's token",
        ["InvalidClientTokenId"],
        () => tokenOf({ credentials: { ...credentialsOf(), sessionToken: "another" } }),
      ],
      [
        "a token of a session that has ended",
        ["ExpiredToken"],
        () => tokenOf({ credentials: credentialsOf(Date.now() - SECOND) }),
      ],
    ])("%s", async (_, sts, token) => {
      const before = bed().iam.sts.answers.length;
      expect(await whoIs(await token())).toEqual({ status: 401 });
      expect(bed().iam.sts.answers.slice(before)).toEqual(sts);
    });

    it("every token while STS does not answer", async () => {
      const token = await tokenOf();
      bed().iam.sts.faults.plan({ status: 503, code: "ServiceUnavailable", message: "busy" }, Number.POSITIVE_INFINITY);
      expect(await whoIs(token)).toEqual({ status: 401 });
      bed().iam.sts.faults.clear();
      expect(await whoIs(token)).toMatchObject({ status: 201 });
    });
  });
});
