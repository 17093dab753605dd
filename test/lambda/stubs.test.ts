import { createServer } from "node:http";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HOUR, type Instant, MINUTE } from "../../src/model/time.ts";
import { THROTTLED } from "../support/iam/faults.ts";
import { type Credentials, createSessions } from "../support/iam/principals.ts";
import { createSts } from "../support/iam/sts.ts";
import { CROSS_ACCOUNT_ROLE, GUARD_ROLE, REGION, UNMAPPED_ROLE } from "../support/iam/suite.ts";
import { type SnsStub, startSns } from "../support/lambda/sns-stub.ts";
import { CREDENTIALS } from "../support/lambda/stand-in.ts";
import { type StubServer, serve } from "../support/stub-server.ts";

/** The tests below are about the test bed itself: whether the real SDK takes its stubs for AWS. */
describe("STS as the SDK sees it", () => {
  const sessions = createSessions([GUARD_ROLE, UNMAPPED_ROLE, CROSS_ACCOUNT_ROLE]);
  let now: () => Instant = Date.now;
  const sts = createSts(sessions, () => now());
  let server: StubServer;

  beforeAll(async () => {
    server = await serve(createServer(sts.listener), (port) => `http://127.0.0.1:${port}`);
  });
  afterAll(() => server.close());
  afterEach(() => {
    now = Date.now;
    sts.faults.clear();
  });

  const client = (credentials: Credentials) =>
    new STSClient({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 });
  const whoAmI = (credentials: Credentials) => client(credentials).send(new GetCallerIdentityCommand({}));
  const assume = (credentials: Credentials, RoleArn = CROSS_ACCOUNT_ROLE.arn) =>
    client(credentials).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "sweep", DurationSeconds: 900 }));
  const credentialsOf = ({ arn } = GUARD_ROLE) => sessions.open(arn, "function").credentials;

  it("tells a caller who he is", async () => {
    expect(await whoAmI(credentialsOf())).toMatchObject({
      Account: "123456789012",
      Arn: "arn:aws:sts::123456789012:assumed-role/apisix-token-guard/function",
    });
  });

  it("lets a role be assumed by whom it trusts, for as long as asked for", async () => {
    const { Credentials: given } = await assume(credentialsOf());
    const assumed = {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    };
    expect(await whoAmI(assumed)).toMatchObject({
      Arn: "arn:aws:sts::210987654321:assumed-role/apisix-token-guard-access/sweep",
    });
    expect(Math.abs((given?.Expiration?.getTime() ?? 0) - Date.now() - 15 * MINUTE)).toBeLessThan(MINUTE);
  });

  it("lets nobody else assume it", async () => {
    const refused = {
      name: "AccessDenied",
      message: expect.stringContaining("is not authorized to perform: sts:AssumeRole"),
    };
    await expect(assume(credentialsOf(UNMAPPED_ROLE))).rejects.toMatchObject(refused);
    await expect(assume(credentialsOf(), "arn:aws:iam::210987654321:role/none")).rejects.toMatchObject(refused);
  });

  it.each<[string, string, () => Credentials]>([
    ["nobody's credentials", "InvalidClientTokenId", () => CREDENTIALS],
    ["another secret", "SignatureDoesNotMatch", () => ({ ...credentialsOf(), secretAccessKey: "another" })],
    ["another session's token", "InvalidClientTokenId", () => ({ ...credentialsOf(), sessionToken: "another" })],
    [
      "a session that has ended",
      "ExpiredToken",
      () => sessions.open(GUARD_ROLE.arn, "function", Date.now() - 1).credentials,
    ],
  ])("refuses %s", async (_, name, credentials) => {
    await expect(whoAmI(credentials())).rejects.toMatchObject({ name });
  });

  it.each([16 * MINUTE, -16 * MINUTE])("refuses a signature when its clock is %i ms off", async (off) => {
    const credentials = sessions.open(GUARD_ROLE.arn, "function", Date.now() + HOUR).credentials;
    now = () => Date.now() + off;
    await expect(whoAmI(credentials)).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  });

  it("can be told to refuse", async () => {
    sts.faults.plan(THROTTLED);
    await expect(whoAmI(credentialsOf())).rejects.toMatchObject({ name: "Throttling" });
    await expect(whoAmI(credentialsOf())).resolves.toBeDefined();
  });
});

describe("SNS as the SDK sees it", () => {
  const TopicArn = `arn:aws:sns:${REGION}:123456789012:guard`;
  let sns: SnsStub;

  beforeAll(async () => {
    sns = await startSns(TopicArn);
  });
  afterAll(() => sns.stop());

  const publish = (input: { TopicArn?: string; Subject?: string; Message?: string }) =>
    new SNSClient({ endpoint: sns.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 }).send(
      new PublishCommand({
        TopicArn,
        Message: "all is well",
        MessageAttributes: { severity: { DataType: "String", StringValue: "info" } },
        ...input,
      }),
    );

  it("keeps what is published", async () => {
    const { MessageId } = await publish({ Subject: "prod: cured", Message: "line 1\n<&> ü" });
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(sns.published.at(-1)).toEqual({
      topic: TopicArn,
      subject: "prod: cured",
      message: "line 1\n<&> ü",
      attributes: { severity: "info" },
    });
  });

  it.each([
    ["a subject of two lines", { Subject: "a\nb" }, "InvalidParameterException"],
    ["a subject of 101 characters", { Subject: "x".repeat(101) }, "InvalidParameterException"],
    ["a subject that is not ASCII", { Subject: "prod – cured" }, "InvalidParameterException"],
    ["no message", { Message: "" }, "InvalidParameterException"],
    ["a message of more than 256 KiB", { Message: "ü".repeat(131_073) }, "InvalidParameterException"],
    ["another topic", { TopicArn: `${TopicArn}-of-others` }, "NotFoundException"],
  ])("refuses %s", async (_, input, name) => {
    const before = sns.published.length;
    await expect(publish(input)).rejects.toMatchObject({ name });
    expect(sns.published).toHaveLength(before);
  });

  it("can be told to refuse", async () => {
    sns.faults.plan({ status: 403, code: "AuthorizationError", message: "not authorized to perform: SNS:Publish" });
    await expect(publish({})).rejects.toMatchObject({ name: "AuthorizationErrorException" });
  });
});
