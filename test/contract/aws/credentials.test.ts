import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { HOUR, isoSeconds, MINUTE, SECOND } from "../../../src/model/time.ts";
import { ENVIRONMENT_KEY, stubAwsEnvironment } from "../../support/aws/environment.ts";
import { CANARY, guardErrorOf } from "../../support/aws/no-secrets.ts";
import { type QueryFake, startQueryFake } from "../../support/aws/query-fake.ts";

const ROLE = "arn:aws:iam::444455556666:role/apisix-token-guard";
const START = Math.floor(Date.now() / SECOND) * SECOND;

let sts: QueryFake;
let now = START;
let result: () => string;

beforeEach(async () => {
  now = START;
  result = () =>
    `<Credentials><AccessKeyId>ASIA${sts.requests.length}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>a/b+c==</SessionToken><Expiration>${isoSeconds(now + HOUR)}</Expiration></Credentials><AssumedRoleUser><Arn>x</Arn><AssumedRoleId>y</AssumedRoleId></AssumedRoleUser>`;
  sts = await startQueryFake(() => result());
  stubAwsEnvironment({ STS: sts.url });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sts.close();
});

const signIn = () =>
  awsSignIn({
    region: "eu-central-1",
    now: () => now,
    limits: { connectTimeout: 300, answerTimeout: 300, callTimeout: 5_000 },
  });

it("without a role are those of the environment, and STS is not asked", async () => {
  expect(await signIn()()()).toMatchObject(ENVIRONMENT_KEY);
  expect(sts.requests).toEqual([]);
});

it("with a role are of a session that is started with those of the environment", async () => {
  expect(await signIn()(ROLE)()).toMatchObject({
    accessKeyId: "ASIA1",
    secretAccessKey: "secret",
    sessionToken: "a/b+c==",
    expiration: new Date(START + HOUR),
  });
  expect(sts.requests).toEqual([
    {
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: "apisix-token-guard",
      signedBy: expect.stringMatching(
        new RegExp(`^${ENVIRONMENT_KEY.accessKeyId}/\\d{8}/eu-central-1/sts/aws4_request$`),
      ),
    },
  ]);
});

it("a session is shared by all who ask for its role, until 5 minutes before its end", async () => {
  const credentials = signIn();
  const key = async (role: string) => (await credentials(role)()).accessKeyId;
  const other = `${ROLE}-other`;
  expect(await Promise.all([key(ROLE), key(ROLE)])).toEqual(["ASIA1", "ASIA1"]);
  expect(await key(other)).toBe("ASIA2");
  now = START + 54 * MINUTE;
  expect([await key(ROLE), await key(other)]).toEqual(["ASIA1", "ASIA2"]);
  now = START + 55 * MINUTE;
  expect([await key(ROLE), await key(other), await key(ROLE)]).toEqual(["ASIA3", "ASIA4", "ASIA3"]);
});

it("a session that could not be started is asked for again", async () => {
  const credentials = signIn()(ROLE);
  sts.fail = () => ({ status: 403, code: "AccessDenied" });
  await guardErrorOf(credentials());
  sts.fail = () => null;
  expect((await credentials()).accessKeyId).toBe("ASIA2");
});

describe("a role that cannot be assumed", () => {
  it.each([
    [
      { status: 403, code: "AccessDenied" },
      `AWS refuses sts:AssumeRole on ${ROLE}: the role does not exist, its trust policy does not name this function's role, or the policy of this function's role lacks sts:AssumeRole on it (AccessDenied).`,
    ],
    [{ status: 403, code: "ExpiredToken" }, "does not accept the AWS credentials (ExpiredToken); they have expired"],
    [{ status: 403, code: "InvalidClientTokenId" }, "(InvalidClientTokenId); check where they come from"],
    [{ status: 403, code: "SignatureDoesNotMatch" }, "the secret key does not fit the access key"],
    [{ status: 400, code: "ValidationError" }, "check roleArn in guard.yml (ValidationError)"],
    [{ status: 400, code: "Throttling" }, "STS in eu-central-1 is asked too often (Throttling"],
    [{ status: 503, code: "ServiceUnavailable" }, "STS in eu-central-1 failed to answer (ServiceUnavailable"],
    ["hang", "interface endpoint com.amazonaws.eu-central-1.sts"],
    ["reset", "No connection to STS in eu-central-1 (ECONNRESET)"],
    ["garbage", "The answer is not one of STS in eu-central-1"],
    ["gateway page", "STS in eu-central-1 failed to answer (HTTP 502"],
  ] as const)("%o: %s", async (failure, text) => {
    sts.fail = () => failure;
    const error = await guardErrorOf(signIn()(ROLE)());
    expect(error).toMatchObject({ code: "SignInFailed", message: expect.stringContaining(text) });
  });

  it.each(["", "<Credentials/>", `<Credentials><AccessKeyId>${CANARY}</AccessKeyId></Credentials>`])(
    "an answer without credentials: %s",
    async (content) => {
      result = () => content;
      const error = await guardErrorOf(signIn()(ROLE)());
      expect(error).toMatchObject({ code: "SignInFailed", fields: { failure: "InvalidAnswer" } });
    },
  );

  it("is told as the reason of a call that needs it", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    expect((await guardErrorOf(signIn()(ROLE)())).message).toMatch(/^There are no AWS credentials/);
  });
});
