import { afterEach, describe, expect, it, vi } from "vitest";
import { type AuditGroupBounds, eksAuditGroup } from "../../../src/adapters/aws/audit-group.ts";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { planCluster } from "../../../src/decide/plan.ts";
import type { AuditEvidence } from "../../../src/model/audit.ts";
import type { Read } from "../../../src/model/read.ts";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../../src/model/time.ts";
import { buildReport } from "../../../src/report/build.ts";
import { renderText } from "../../../src/report/text.ts";
import { line, otherEvent, POD_UID, refusedEvent, SUBJECT, stale, staleEvent } from "../../evidence/audit-text.ts";
import { ENVIRONMENT_KEY, stubAwsEnvironment } from "../../support/aws/environment.ts";
import { type LogEvent, type LogsFake, type LogsFakeOptions, startLogsFake } from "../../support/aws/logs-fake.ts";
import { CANARY, expectNoSecret } from "../../support/aws/no-secrets.ts";
import { cluster, gateway, NOW, pod, settings } from "../../support/gateways.ts";

const REGION = "eu-west-1";
const GROUP = "/aws/eks/prod/cluster";
const STREAM = "kube-apiserver-audit-0123456789abcdef0123456789abcdef";
const ISSUED = NOW - 61 * DAY;
const RANGE = { from: NOW - 60 * DAY, until: NOW };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
});

async function start(events: readonly LogEvent[], more: Partial<LogsFakeOptions> = {}): Promise<LogsFake> {
  const fake = await startLogsFake({ groups: { [GROUP]: events }, ...more });
  closers.push(fake.close);
  stubAwsEnvironment({ CLOUDWATCH_LOGS: fake.url });
  return fake;
}

const LIMITS = { connectTimeout: 300, answerTimeout: 300, callTimeout: 5_000 };

function readProd(
  bounds: Partial<AuditGroupBounds> = {},
  limits: Partial<typeof LIMITS> = {},
): Promise<Read<AuditEvidence>> {
  const credentials = awsSignIn({ region: REGION, now: Date.now })();
  return eksAuditGroup({
    cluster: { name: "prod", region: REGION },
    credentials,
    limits: { ...LIMITS, ...limits },
    bounds: { pause: 1, ...bounds },
  }).read(RANGE);
}

async function evidence(...settings: Parameters<typeof readProd>) {
  const answer = await readProd(...settings);
  expectNoSecret(answer);
  if (!answer.ok) throw new Error(answer.failure.message);
  const { tokens, ...rest } = answer.value;
  return { tokens: Object.fromEntries(tokens), ...rest };
}

async function failure(...settings: Parameters<typeof readProd>) {
  const answer = await readProd(...settings);
  expectNoSecret(answer);
  if (answer.ok) throw new Error("it was read");
  return answer.failure;
}

const at = (timestamp: Instant, event: object, stream = STREAM): LogEvent => ({
  timestamp,
  stream,
  message: line(event),
});
const use = (ago: number, podUid = POD_UID, over: object = {}): LogEvent =>
  at(NOW - ago, staleEvent({ issuedAt: ISSUED, usedAt: NOW - ago, podUid }, over));

describe("the audit log that EKS keeps in CloudWatch", () => {
  it("tells of the informers' tokens", async () => {
    const fake = await start([
      use(50 * MINUTE),
      use(4 * MINUTE),
      use(20 * MINUTE, "another"),
      at(NOW, otherEvent(NOW)),
    ]);
    expect(await evidence()).toMatchObject({
      tokens: {
        [POD_UID]: [{ issuedAt: ISSUED, usedAt: NOW - 4 * MINUTE }],
        another: [{ issuedAt: ISSUED, usedAt: NOW - 20 * MINUTE }],
      },
      oldestAt: NOW - 50 * MINUTE,
      newestAt: NOW - 4 * MINUTE,
      gaps: [],
    });
    expect(fake.requests[0]).toEqual({
      operation: "FilterLogEvents",
      region: REGION,
      signedBy: ENVIRONMENT_KEY.accessKeyId,
      logGroupName: GROUP,
      logStreamNamePrefix: "kube-apiserver-audit",
      filterPattern: '"seconds after warning threshold" "lua-resty-http"',
      startTime: NOW - 75 * MINUTE,
      endTime: NOW,
      startFromHead: false,
    });
  });

  it("is read on behind pages without events, to the last one", async () => {
    const fake = await start([use(4 * MINUTE, "a"), use(5 * MINUTE, "b"), use(6 * MINUTE, "c")], { pageSize: 1 });
    expect(Object.keys((await evidence()).tokens)).toEqual(["a", "b", "c"]);
    expect(fake.requests.map(({ nextToken }) => nextToken)).toEqual([undefined, "1", "2", "3", "4", "5"]);
  });

  it("is asked for no more than the wanted time when that is shorter", async () => {
    const fake = await start([]);
    const credentials = awsSignIn({ region: REGION, now: Date.now })();
    const audit = eksAuditGroup({ cluster: { name: "prod", region: REGION }, credentials, limits: LIMITS });
    await audit.read({ from: NOW - HOUR, until: NOW });
    expect(fake.requests[0]).toMatchObject({ startTime: NOW - HOUR });
  });

  it("is read once, however often it is asked for", async () => {
    const fake = await start([use(4 * MINUTE)]);
    const credentials = awsSignIn({ region: REGION, now: Date.now })();
    const audit = eksAuditGroup({ cluster: { name: "prod", region: REGION }, credentials, limits: LIMITS });
    expect(await audit.read(RANGE)).toBe(await audit.read(RANGE));
    expect(fake.requests).toHaveLength(2);
  });

  it("holds nothing that counts where events are cut, delivered twice or of other streams", async () => {
    const cut = use(4 * MINUTE, "cut");
    await start([
      { ...cut, message: cut.message.slice(0, -20) },
      use(5 * MINUTE),
      use(5 * MINUTE),
      { ...use(6 * MINUTE, "authenticator"), stream: "authenticator-0123" },
    ]);
    expect((await evidence()).tokens).toEqual({ [POD_UID]: [{ issuedAt: ISSUED, usedAt: NOW - 5 * MINUTE }] });
  });

  it("keeps its pace across the clusters of a region", async () => {
    await start([use(4 * MINUTE)]);
    const started = performance.now();
    await Promise.all([evidence({ pause: 100 }), evidence({ pause: 100 }), evidence({ pause: 100 })]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(500);
  });
});

describe("a log group that is too large", () => {
  const many = [1, 2, 3, 4].map((minutes) => use(minutes * MINUTE, `pod-${minutes}`));

  it.each([
    ["pages", { pages: 4 }, ["pod-1", "pod-2"]],
    ["time", { time: 0 }, []],
  ] as const)("is read from its newest events on within its bounds: %s", async (_case, bounds, pods) => {
    await start(many, { pageSize: 1 });
    const { tokens, gaps } = await evidence(bounds);
    expect(Object.keys(tokens)).toEqual(pods);
    expect(gaps).toEqual([
      expect.stringMatching(/^of the last 75 minutes the older events: it is too large to be read/),
    ]);
  });
});

describe("a log group that cannot be read", () => {
  it("because there is none says what to switch on", async () => {
    await start([], { groups: {} });
    expect(await failure()).toEqual({
      code: "NotFound",
      what: "read the audit log of EKS cluster prod in eu-west-1",
      message:
        "There is no log group /aws/eks/prod/cluster in eu-west-1; switch on logging of type audit for the EKS cluster, or evidence.audit off in guard.yml (ResourceNotFoundException).",
    });
  });

  it.each([
    [
      400,
      "AccessDeniedException",
      "Forbidden",
      "AWS refuses logs:FilterLogEvents on arn:aws:logs:eu-west-1:*:log-group:/aws/eks/prod/cluster:* (AccessDeniedException)",
    ],
    [400, "ThrottlingException", "Throttled", "CloudWatch Logs in eu-west-1 is asked too often"],
    [400, "ExpiredTokenException", "Unauthorized", "they have expired"],
    [503, "ServiceUnavailableException", "ServerError", "CloudWatch Logs in eu-west-1 failed to answer"],
    [400, "InvalidParameterException", "Refused", "refuses logs:FilterLogEvents"],
  ])("%s %s is told as %s", async (status, type, code, text) => {
    const fake = await start([use(MINUTE)]);
    fake.fail = () => ({ status, type });
    expect(await failure()).toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it.each([
    ["hang", "Timeout"],
    ["reset", "Unreachable"],
    ["garbage", "InvalidAnswer"],
    ["gateway page", "ServerError"],
  ] as const)("%s is told as %s", async (trouble, code) => {
    const fake = await start([use(MINUTE)]);
    fake.fail = () => trouble;
    expect(await failure({}, { callTimeout: 1_500 })).toMatchObject({ code });
  });

  it("behind its first pages is a part that is told", async () => {
    const fake = await start([use(MINUTE, "a"), use(2 * MINUTE, "b")], { pageSize: 1 });
    fake.fail = () => (fake.requests.length > 2 ? { status: 400, type: "ThrottlingException" } : null);
    const { tokens, gaps } = await evidence();
    expect(Object.keys(tokens)).toEqual(["a"]);
    expect(gaps).toEqual([
      "of the last 75 minutes the older events: CloudWatch Logs in eu-west-1 is asked too often (ThrottlingException, after several attempts); the next run asks again.",
    ]);
  });

  it("that was only throttled for a moment is read", async () => {
    const fake = await start([use(MINUTE)]);
    fake.fail = () => (fake.requests.length < 3 ? { status: 400, type: "ThrottlingException" } : null);
    expect(Object.keys((await evidence()).tokens)).toEqual([POD_UID]);
  });

  it("without credentials is not asked for", async () => {
    const fake = await start([use(MINUTE)]);
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    expect(await failure()).toMatchObject({ code: "Unauthorized" });
    expect(fake.requests).toEqual([]);
  });
});

it("nothing of what stands in the events of others or of informers gets out", async () => {
  const secret = `system:serviceaccount:gw:${CANARY}`;
  const old = pod({ age: 61 * DAY - HOUR, createdAt: NOW - 70 * DAY, startTime: NOW - 70 * DAY });
  const hostile = {
    requestURI: `/api/v1/endpoints?token=${CANARY}`,
    sourceIPs: [CANARY],
    objectRef: { name: CANARY },
    user: {
      username: secret,
      groups: [CANARY],
      extra: { "authentication.kubernetes.io/pod-uid": [old.uid], "authentication.kubernetes.io/pod-name": [CANARY] },
    },
    annotations: { ...stale(secret, (NOW - MINUTE - ISSUED) / SECOND - 3_607), other: CANARY },
  };
  await start([
    use(MINUTE, old.uid, hostile),
    use(2 * MINUTE, CANARY, { annotations: { other: CANARY, ...stale(SUBJECT, `${CANARY} lua-resty-http`) } }),
    at(
      NOW,
      refusedEvent(NOW, { requestURI: `/api/v1/endpoints?x=${CANARY}`, note: "seconds after warning threshold" }),
    ),
    {
      timestamp: NOW,
      stream: STREAM,
      message: `seconds after warning threshold lua-resty-http ngx_lua/ 401 ${CANARY}`,
    },
  ]);
  const audit = await readProd();
  expectNoSecret(audit);
  const observation = cluster([gateway({ pods: [old] })], { audit });
  const plan = planCluster(observation, settings());
  const report = buildReport({
    cluster: "prod",
    at: NOW,
    plan,
    outcomes: [],
    nextLookAt: null,
    error: null,
    warnings: [],
  });
  expect(report.gateways[0]?.token).toMatchObject({ evidence: "audit" });
  expect(report.warnings).toEqual([expect.stringContaining("1 requests of discovery informers")]);
  expectNoSecret(report);
  expectNoSecret(renderText([report], { width: 80, color: false }));
});
