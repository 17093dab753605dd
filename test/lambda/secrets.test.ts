import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PlantedApi, startPlantedApi } from "../support/canaries/api.ts";
import { type FakeAws, functionVariables, startFakeAws } from "../support/canaries/aws.ts";
import { PROCESS_VARIABLES } from "../support/canaries/command.ts";
import { expectNoLeak } from "../support/canaries/finder.ts";
import { CANARIES } from "../support/canaries/inventory.ts";
import { auditLog, plantedCluster, QUICK } from "../support/canaries/planted.ts";
import {
  type BuiltFunctions,
  buildFunctions,
  type FunctionName,
  handlerOf,
} from "../support/lambda/built-functions.ts";
import { type LambdaFunction, startFunction } from "../support/lambda/function.ts";

/** With every request so much passes in the cluster: these processes really wait. */
const TICK = 1_000;

describe("the functions as they are packaged, with every detail in their logs", () => {
  let built: BuiltFunctions;
  let api: PlantedApi;
  let aws: FakeAws;
  const functions: LambdaFunction[] = [];
  beforeAll(async () => {
    const cluster = plantedCluster([QUICK]);
    api = await startPlantedApi(cluster, { tls: true, tick: TICK });
    aws = await startFakeAws({ endpoint: api.url, ca: api.ca, audit: auditLog(cluster).split("\n") });
    built = await buildFunctions();
  });
  afterAll(async () => {
    await Promise.all(functions.map((one) => one.stop()));
    await Promise.all([api.close(), aws.close(), built.remove()]);
  });

  const start = async (name: FunctionName) => {
    const guard = { clusters: [{ name: "prod", mode: "remediate" }], evidence: { audit: true } };
    const started = await startFunction({
      name,
      zip: await built.pack(name, guard),
      handler: handlerOf(name),
      region: "eu-west-1",
      timeoutSeconds: 100,
      memoryMb: 512,
      credentials: {
        accessKeyId: CANARIES.accessKeyId,
        secretAccessKey: CANARIES.secretAccessKey,
        sessionToken: CANARIES.sessionToken,
      },
      env: { ...PROCESS_VARIABLES, ...functionVariables(aws.url) },
    });
    functions.push(started);
    return started;
  };

  it("write, answer and send no canary", async () => {
    const [sweep, remediate, refresh] = await Promise.all([start("sweep"), start("remediate"), start("refresh")]);
    const said = [
      await sweep.invoke({ detail: CANARIES.pastedToken }),
      await remediate.invoke({ cluster: "prod" }),
      await refresh.invoke({ cluster: CANARIES.pastedToken, namespace: "edge", [CANARIES.pastedToken]: 1 }),
    ];
    aws.fail({ operation: "DescribeCluster", answer: "an error of a type that is a key" });
    said.push(await sweep.invoke({}), await refresh.invoke({ cluster: "prod", namespace: "edge", name: "checkout" }));
    aws.fail(null);
    api.fail({ question: "version", answer: "401" });
    said.push(await sweep.invoke({}));
    const text = JSON.stringify(said);
    for (const part of ["renewed", "BadUsage", "ClusterUnreachable", "SignInFailed", "CloudWatchMetrics"])
      expect(text).toContain(part);
    expectNoLeak(text, "the functions");
    expect(aws.received()).toContain("Action=Publish");
    expectNoLeak(aws.received(), "what is sent to AWS");
    expectNoLeak(api.received(), "what is sent to the API server");
  });
});
