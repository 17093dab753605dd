import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { eksAuditGroup } from "../../../src/adapters/aws/audit-group.ts";
import { awsSignIn } from "../../../src/adapters/aws/credentials.ts";
import { describeCluster } from "../../../src/adapters/aws/describe-cluster.ts";
import { discoverClusters } from "../../../src/adapters/aws/discover-clusters.ts";
import { lambdaInvoker } from "../../../src/adapters/aws/lambda-invoker.ts";
import { snsNotifier } from "../../../src/adapters/aws/sns-notifier.ts";
import {
  BAD_AWS_ANSWERS,
  type FakeAws,
  functionVariables,
  OPERATIONS,
  type Operation,
  startFakeAws,
} from "../../support/canaries/aws.ts";
import { capture } from "../../support/canaries/capture.ts";
import { SECRET_VARIABLES } from "../../support/canaries/command.ts";
import { everythingOf, expectNoLeak } from "../../support/canaries/finder.ts";

const REF = { name: "prod", region: "eu-west-1" };
const TOPIC = "arn:aws:sns:eu-west-1:111122223333:guard";
const signIn = awsSignIn({ region: "eu-west-1", now: Date.now });
const credentials = signIn();

/** How each operation is asked for. */
const ASK: Readonly<Record<Operation, () => Promise<unknown>>> = {
  DescribeCluster: () => describeCluster(REF, { credentials }),
  ListClusters: () => discoverClusters({ regions: ["eu-west-1"], tags: {} }, { credentials }),
  AssumeRole: () => awsSignIn({ region: "eu-west-1", now: Date.now })("arn:aws:iam::444455556666:role/guard")(),
  Invoke: () => lambdaInvoker({ region: "eu-west-1", functionName: "guard", credentials })({ cluster: "prod" }),
  Publish: () => snsNotifier({ topicArn: TOPIC, credentials })({ subject: "s", text: "t" }),
  FilterLogEvents: () => eksAuditGroup({ cluster: REF, credentials, bounds: { pause: 0 } }).read({ from: 0, until: 1 }),
};

describe("the answer of AWS", () => {
  let aws: FakeAws;
  beforeAll(async () => {
    aws = await startFakeAws({ endpoint: "https://127.0.0.1:9", ca: "", audit: [] });
    for (const [name, value] of Object.entries({ ...SECRET_VARIABLES, ...functionVariables(aws.url) }))
      vi.stubEnv(name, value);
    // The SDK's pauses between attempts are random parts of some seconds.
    vi.spyOn(Math, "random").mockReturnValue(0);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await aws.close();
  });

  it.each(OPERATIONS)("to %s, whatever it is instead, leaves nothing behind", async (operation) => {
    for (const answer of BAD_AWS_ANSWERS) {
      aws.fail({ operation, answer });
      const { printed, value, thrown } = await capture(ASK[operation]);
      const told = `${printed}${everythingOf(value)}${everythingOf(thrown)}`;
      expect({ answer, failed: aws.failed }).toEqual({ answer, failed: true });
      // A search that finds nothing looks like that.
      if (operation !== "FilterLogEvents") expect(told).toMatch(/GuardError|ok: false|failures: \[\s*\{/);
      expectNoLeak(told, `${operation}, ${answer}`);
    }
  });
});
