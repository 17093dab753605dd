import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { failedResult, visitOne } from "../../../src/fleet.ts";
import type { Sleep } from "../../../src/ports.ts";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";
import { CANARIES_FOR_VALUES } from "../../support/canaries/answers.ts";
import { type PlantedApi, type Question, startPlantedApi } from "../../support/canaries/api.ts";
import {
  BAD_AWS_ANSWERS,
  type FakeAws,
  functionVariables,
  type Operation,
  startFakeAws,
} from "../../support/canaries/aws.ts";
import { capture } from "../../support/canaries/capture.ts";
import { DEBUG_VARIABLES, SECRET_VARIABLES } from "../../support/canaries/command.ts";
import { everythingOf, expectNoLeak, plantedIn } from "../../support/canaries/finder.ts";
import { CANARIES, KINDS } from "../../support/canaries/inventory.ts";
import { auditLog, EVERY_VERDICT, GATEWAYS, plantedCluster, QUICK } from "../../support/canaries/planted.ts";
import { settings } from "../../support/gateways.ts";

/** What would be waited for passes in the cluster instead. */
const wait = vi.hoisted(() => ({ sleep: (async () => undefined) as Sleep }));
vi.mock("../../../src/adapters/sleep.ts", () => ({ sleep: (length: number) => wait.sleep(length) }));

const ROLE = "arn:aws:iam::444455556666:role/guard";
const REMEDIATE = { mode: "remediate" };
const GUARDS = {
  named: { clusters: [{ name: "prod", ...REMEDIATE }], evidence: { probe: true } },
  audited: { clusters: [{ name: "prod", ...REMEDIATE }], evidence: { audit: true } },
  found: {
    clusters: [{ discover: { regions: ["eu-west-1"], tags: { apisix: "true" } }, roleArn: ROLE, ...REMEDIATE }],
  },
};
type Guard = keyof typeof GUARDS;
const CONTEXT = {
  functionName: "guard",
  awsRequestId: "11111111-2222",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:111122223333:function:guard",
  memoryLimitInMB: "512",
  getRemainingTimeInMillis: () => 800_000,
} as unknown as Context;

type Name = "sweep" | "remediate" | "refresh";
const payloadOf = (name: Name, guard: Guard): object => {
  const cluster = guard === "found" ? "444455556666/eu-west-1/prod" : "prod";
  switch (name) {
    case "sweep":
      return { detail: CANARIES.pastedToken };
    case "remediate":
      return { cluster };
    case "refresh":
      return { cluster, namespace: "edge", name: "checkout" };
  }
};

let folder: string;
/** A function whose work throws this. */
let unexpected: (make: () => unknown) => (event: unknown, context: Context) => unknown;
let handlers: Readonly<
  Record<keyof typeof GUARDS, Readonly<Record<Name, (event: unknown, context: Context) => unknown>>>
>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "functions-"));
  for (const [name, value] of Object.entries({ ...SECRET_VARIABLES, ...DEBUG_VARIABLES })) vi.stubEnv(name, value);
  // The SDK's pauses between attempts are random parts of some seconds.
  vi.spyOn(Math, "random").mockReturnValue(0);
  // What reads its level of detail from the environment does so when it is loaded.
  const { guardFunction } = await import("../../../src/lambda/function.ts");
  const payload = await import("../../../src/lambda/payload.ts");
  const { sweep } = await import("../../../src/lambda/sweep.ts");
  const { remediate } = await import("../../../src/lambda/remediate.ts");
  const { refresh } = await import("../../../src/lambda/refresh.ts");
  await writeFile(join(folder, "guard.json"), "{}");
  unexpected = (make) =>
    guardFunction(
      () => null,
      async () => {
        throw make();
      },
      folder,
    );
  const made = await Promise.all(
    Object.entries(GUARDS).map(async ([name, guard]) => {
      const own = await mkdtemp(join(folder, name));
      await writeFile(join(own, "guard.json"), JSON.stringify(guard));
      return [
        name,
        {
          sweep: guardFunction(payload.readSweep, sweep, own),
          remediate: guardFunction(payload.readRemediate, remediate, own),
          refresh: guardFunction(payload.readRefresh, refresh, own),
        },
      ] as const;
    }),
  );
  handlers = Object.fromEntries(made) as unknown as typeof handlers;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

interface World extends AsyncDisposable {
  readonly api: PlantedApi;
  readonly aws: FakeAws;
}

async function startWorld(gateways: readonly GatewaySpec[]): Promise<World> {
  const cluster = plantedCluster(gateways);
  const api = await startPlantedApi(cluster, { tls: true });
  const aws = await startFakeAws({ endpoint: api.url, ca: api.ca, audit: auditLog(cluster).split("\n") });
  for (const [name, value] of Object.entries(functionVariables(aws.url))) vi.stubEnv(name, value);
  wait.sleep = async (length) => cluster.simulated.clock.advance(length);
  return {
    api,
    aws,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([api.close(), aws.close()]);
    },
  };
}

/** All that a function prints, answers or throws. */
async function invoke(
  name: Name,
  guard: Guard,
  payload: unknown = payloadOf(name, guard),
  context = CONTEXT,
): Promise<string> {
  const { printed, value, thrown } = await capture(async () => handlers[guard][name](payload, context));
  return `${printed}\n${everythingOf(value)}\n${thrown === undefined ? "" : everythingOf(thrown)}`;
}

const NAMES = ["sweep", "remediate", "refresh"] as const;

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("the functions, with every detail in their logs", () => {
  // An emergency does not wait for the audit log.
  const rows = NAMES.flatMap((name) => (Object.keys(GUARDS) as Guard[]).map((guard) => [name, guard] as const)).filter(
    ([name, guard]) => name !== "refresh" || guard !== "audited",
  );
  it.each(rows)("leak nothing of a cluster: %s, %s", async (name, guard) => {
    await using world = await startWorld(name === "sweep" && guard === "audited" ? EVERY_VERDICT : [GATEWAYS.refused]);
    const said = await invoke(name, guard);
    expect(said).toContain('"CloudWatchMetrics"');
    expect(said).toContain('"gateway":{"namespace":"edge"');
    expectNoLeak(said, name);
    const { aws, api } = world;
    expect(aws.received()).toContain(name === "sweep" ? '"cluster":"' : "Action=Publish");
    expectNoLeak(aws.received(), "what is sent to AWS");
    expectNoLeak(api.received(), "what is sent to the API server");
    const served = new Set([...plantedIn(aws.served()), ...plantedIn(api.signIns(), 2)]);
    const wanted: Readonly<Record<Guard, readonly string[]>> = {
      named: ["tag", "awsField", "accessKeyId", "sessionToken"],
      audited: ["tag", ...KINDS.audit],
      found: ["tag", "roleKeyId", "roleSecret", "roleToken"],
    };
    expect(wanted[guard].filter((canary) => !served.has(canary))).toEqual([]);
  });

  /** Who asks what of AWS. */
  const asked: readonly (readonly [Name, Guard, Operation])[] = [
    ["sweep", "named", "DescribeCluster"],
    ["sweep", "found", "ListClusters"],
    ["sweep", "found", "AssumeRole"],
    ["sweep", "named", "Invoke"],
    ["sweep", "audited", "FilterLogEvents"],
    ["remediate", "named", "DescribeCluster"],
    ["remediate", "found", "AssumeRole"],
    ["remediate", "named", "Publish"],
    ["refresh", "named", "DescribeCluster"],
    ["refresh", "named", "Publish"],
  ];
  /** An error that could be anything, and two of the other answers in turn: aws-answers.test.ts goes through them all. */
  const answersFor = (row: number): readonly string[] =>
    ["an error of a type that is a key", BAD_AWS_ANSWERS[2 * row], BAD_AWS_ANSWERS[2 * row + 1]].flatMap(
      (answer) => answer ?? [],
    );
  const questionsOfAws = asked.map(([name, guard, operation], row) => ({
    name,
    guard,
    operation,
    answers: answersFor(row),
  }));
  it.each(questionsOfAws)(
    "leak nothing when AWS answers $answers: $name, $guard, $operation",
    async ({ name, guard, operation, answers }) => {
      for (const answer of answers) {
        await using world = await startWorld([QUICK]);
        world.aws.fail({ operation, answer });
        const said = await invoke(name, guard);
        expect({ answer, failed: world.aws.failed }).toEqual({ answer, failed: true });
        expect(said).toMatch(operation === "FilterLogEvents" ? /audit log/ : /"level":"(?:ERROR|WARN)"/);
        expectNoLeak(said, `${name}, ${operation}: ${answer}`);
        expectNoLeak(world.aws.received(), `what is sent to AWS, ${operation}: ${answer}`);
      }
    },
  );

  const questions: readonly Question[] = ["version", "list pods", "log", "note", "restart", "event"];
  it.each(questions)("leak nothing, whatever an API server answers to: %s", async (question) => {
    for (const answer of ["401", CANARIES_FOR_VALUES]) {
      await using world = await startWorld([QUICK]);
      world.api.fail({ question, answer });
      const said = await invoke("remediate", "named");
      expect({ answer, failed: world.api.failed }).toEqual({ answer, failed: true });
      expectNoLeak(said, `${question}: ${answer}`);
      expectNoLeak(world.aws.received(), `what is sent to AWS, ${question}: ${answer}`);
    }
  });

  it.each(["remediate", "refresh"] as const)("repeat nothing of a payload that is not for them: %s", async (name) => {
    const { pastedToken, pastedAdminKey } = CANARIES;
    for (const payload of [
      pastedToken,
      { cluster: pastedToken, namespace: pastedToken, name: pastedToken },
      { cluster: pastedAdminKey, namespace: "edge", name: "checkout" },
      { ...payloadOf(name, "named"), [pastedToken]: pastedToken },
      { headers: { authorization: `Bearer ${pastedToken}` } },
    ]) {
      const said = await invoke(name, "named", payload);
      expect(said).toContain("BadUsage");
      expectNoLeak(said, name);
    }
  });

  const { awsMessage, awsField, awsType, pastedToken } = CANARIES;
  it.each<readonly [string, () => unknown]>([
    ["an error", () => new Error(awsMessage)],
    [
      "with more in it",
      () => Object.assign(new Error("x"), { body: awsField, $response: { headers: { a: awsField } } }),
    ],
    ["with a cause", () => new Error("x", { cause: new Error(awsMessage, { cause: pastedToken }) })],
    ["several at once", () => new AggregateError([new Error(awsMessage)], awsField)],
    ["with a name and a code", () => Object.assign(new Error("x"), { name: awsType, code: CANARIES.pastedKeyId })],
    ["with a message like a stack", () => new Error(`x\n    at ${awsType} (x)`)],
    ["of a parser", () => thrownBy(() => JSON.parse(pastedToken))],
    ["no error", () => pastedToken],
    ["an object", () => ({ message: awsMessage, toString: () => awsField })],
  ])("tell what nobody expected by its kind alone: %s", async (_name, make) => {
    const { printed, thrown } = await capture(async () => unexpected(make)(undefined, CONTEXT));
    expect(thrown).toMatchObject({ name: "Internal" });
    expect(printed).toContain("This is a mistake of the program");
    expectNoLeak(`${printed}${everythingOf(thrown)}`, "what nobody expected");
    const target = { name: "prod", settings: settings(), connect: () => Promise.reject(make()) };
    const result = await visitOne<unknown>(target, async () => null, failedResult(Date.now));
    expect(result).toMatchObject({ error: { code: "Internal" } });
    expectNoLeak(everythingOf(result), "a cluster that fails");
  });

  it("leak nothing when their time is over", async () => {
    await using _world = await startWorld([QUICK]);
    const said = await invoke("sweep", "named", {}, { ...CONTEXT, getRemainingTimeInMillis: () => 30_000 });
    expect(said).toContain("OutOfTime");
    expectNoLeak(said, "sweep");
  });

  it.each(NAMES)("leak nothing without credentials, or with a setting that is none: %s", async (name) => {
    await using _world = await startWorld([QUICK]);
    for (const key of ["AWS_ACCESS_KEY_ID", "GUARD_REMEDIATE_CONCURRENCY"]) {
      vi.stubEnv(key, key.endsWith("ID") ? "" : CANARIES.pastedToken);
      const said = await invoke(name, "named");
      expect(said).toMatch(/SignInFailed|BadConfig/);
      expectNoLeak(said, key);
      vi.stubEnv(key, key.endsWith("ID") ? CANARIES.accessKeyId : "");
    }
  });
});
