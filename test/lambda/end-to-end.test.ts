import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eksToken } from "../../src/adapters/aws/eks-token.ts";
import { RESTARTED_AT_ANNOTATION } from "../../src/model/annotations.ts";
import { DAY, HOUR, isoSeconds, SECOND } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import { reportSchema } from "../../src/report/schema.ts";
import { type EksFake, startEksFake } from "../support/aws/eks-fake.ts";
import { refused } from "../support/check/gateway-logs.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import { namespacesOf, shown } from "../support/guard/run.ts";
import { workloadPath } from "../support/guard/workloads.ts";
import {
  ACCOUNT,
  CLOSED_ROLE,
  CLUSTER_NAME,
  CROSS_ACCOUNT_READ_ROLE,
  CROSS_ACCOUNT_ROLE,
  describeSignIn,
  GUARD_ROLE,
  REGION,
  SWEEP_ROLE,
  UNMAPPED_ROLE,
} from "../support/iam/suite.ts";
import { type BuiltFunctions, buildFunctions } from "../support/lambda/built-functions.ts";
import { type DeployedGuard, type Deployment, deployGuard } from "../support/lambda/deploy.ts";
import { SCHEDULED } from "../support/lambda/scheduler-event.ts";

/** Seconds instead of minutes and hours: nobody waits for them, and nothing of what is tested rests on their length. */
const POLICY = { cooldown: "3s", proofPeriod: "3s" };

const PROD = { name: CLUSTER_NAME, region: REGION, mode: "remediate" };
const OLD = { age: 61 * DAY };
const REFUSED = { age: 13 * HOUR, log: refused };

describeSignIn("the packaged functions, signed in to a real API server through IAM", (bed) => {
  let built: BuiltFunctions;
  let eks: EksFake;
  let guarded: GuardedPlace;

  beforeAll(async () => {
    const { cluster } = bed();
    [built, eks, guarded] = await Promise.all([buildFunctions(), startEksFake(), guardCluster(cluster)]);
    const active = { region: REGION, endpoint: cluster.server, ca: cluster.certificateAuthority };
    eks.clusters.push(
      { ...active, name: CLUSTER_NAME },
      // The same API server, which knows itself by its first name only.
      { ...active, name: "renamed" },
      { ...active, name: "foreign" },
      { ...active, name: "busy" },
      { ...active, name: "new", status: "CREATING", endpoint: null, ca: null },
      { ...active, name: CLUSTER_NAME, region: "eu-west-1", accountId: ACCOUNT, tags: { team: "edge" } },
    );
    eks.fail = ({ name }) => (name === "busy" ? { status: 429, type: "ThrottlingException" } : null);
  });
  afterAll(async () => {
    await guarded?.leave();
    await eks?.close();
    await built?.remove();
  });

  type Wanted = Partial<Omit<Deployment, "guard">> & { readonly clusters?: readonly object[] };

  const deploy = (gateways: readonly GatewayRef[], { clusters = [PROD], ...rest }: Wanted = {}) =>
    deployGuard({
      built,
      iam: bed().iam,
      eksUrl: eks.url,
      guard: { clusters, gateways: { namespaces: namespacesOf(gateways) }, policy: POLICY },
      ...rest,
    });
  const sweep = async (guard: DeployedGuard) => {
    const { result, error } = await guard.sweep.invoke(SCHEDULED);
    await guard.service.idle();
    expect(error).toBeNull();
    return result;
  };
  const reportOf = (result: unknown) => reportSchema.parse(result);
  const restarts = async (gateway: GatewayRef) => (await guarded.history.restartsOf(gateway)).length;
  const nothing = { count: 0, first: [] };

  describe.concurrent("in a cluster that they reach", () => {
    it("heal a gateway whose token is refused, say so, and then leave it alone", async () => {
      const since = await bed().cluster.audit.mark();
      const gateway = await guarded.place(REFUSED);
      await using guard = await deploy([gateway]);

      expect(await sweep(guard)).toMatchObject({
        clusters: 1,
        gateways: 1,
        verdicts: { rejected: 1 },
        started: { count: 1, first: [CLUSTER_NAME] },
        unknownClusters: nothing,
      });

      const [event] = guard.service.events;
      expect(event?.payload).toEqual({ cluster: CLUSTER_NAME, hold: null });
      expect(event?.deliveries).toMatchObject([{ error: null }]);
      expect(shown(reportOf(event?.deliveries[0]?.result), gateway)).toMatchObject({
        verdict: "healthy",
        outcome: { result: "cured", message: expect.stringContaining("2 new pods") },
      });
      expect(await restarts(gateway)).toBe(1);
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ reason: "TokenRefused", result: "cured" });
      expect(guard.sns.published.map(({ subject }) => subject)).toEqual([
        expect.stringMatching(/restarting .*apisix in prod$/),
        expect.stringMatching(/cured: .*apisix in prod$/),
      ]);

      const lines = [guard.sweep, guard.remediate].flatMap(({ invocations }) =>
        invocations.flatMap((one) => one.logLines),
      );
      expect(lines.filter((line) => typeof line === "string")).toEqual([]);
      expect(lines).toContainEqual(
        expect.objectContaining({
          _aws: expect.objectContaining({
            CloudWatchMetrics: [expect.objectContaining({ Namespace: "ApisixTokenGuard" })],
          }),
        }),
      );

      expect(await sweep(guard)).toMatchObject({ verdicts: { healthy: 1 }, started: nothing });
      expect(await restarts(gateway)).toBe(1);

      const writes = (await bed().cluster.audit.writes({ since })).filter(
        ({ user, objectRef }) =>
          user.groups?.some((group) => group.startsWith("apisix-token-guard")) &&
          objectRef?.namespace === gateway.namespace,
      );
      expect(new Set(writes.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`))).toEqual(
        new Set(["patch deployments", "create events"]),
      );
      expect(new Set(writes.map(({ user }) => user.username))).toEqual(
        new Set([`arn:aws:sts::${ACCOUNT}:assumed-role/apisix-token-guard/${guard.remediate.name}`]),
      );
    });

    it("restart a healthy gateway when a person says so", async () => {
      const gateway = await guarded.place({ age: DAY });
      await using guard = await deploy([gateway], { clusters: [{ ...PROD, mode: "check" }] });
      const { result, error } = await guard.refresh.invoke({ cluster: CLUSTER_NAME, ...gateway });
      expect(error).toBeNull();
      const { summary, report } = result as { summary: string; report: unknown };
      expect(shown(reportOf(report), gateway)).toMatchObject({ outcome: { result: "renewed" } });
      expect(summary).toContain("renewed");
      expect(await restarts(gateway)).toBe(1);
    });

    it("look and do nothing where the mode is check", async () => {
      const gateway = await guarded.place(REFUSED);
      await using guard = await deploy([gateway], { clusters: [{ ...PROD, mode: "check" }] });
      expect(await sweep(guard)).toMatchObject({ verdicts: { rejected: 1 }, started: nothing, attention: 1 });
      expect(await restarts(gateway)).toBe(0);
    });

    it("work in a cluster of another account by roles of that account: one to look, one to restart", async () => {
      const gateway = await guarded.place(OLD);
      const roles = { roleArn: CROSS_ACCOUNT_ROLE.arn, readRoleArn: CROSS_ACCOUNT_READ_ROLE.arn };
      await using guard = await deploy([gateway], { clusters: [{ ...PROD, ...roles }] });
      expect(await sweep(guard)).toMatchObject({ started: { first: [CLUSTER_NAME] }, unknownClusters: nothing });
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ result: "renewed" });
    });

    it("restart nothing with the identity of the sweep", async () => {
      const gateway = await guarded.place(REFUSED);
      const { credentials } = bed().iam.open(SWEEP_ROLE.arn, "sweep");
      await using guard = await deploy([gateway], { credentials });
      expect(await sweep(guard)).toMatchObject({ verdicts: { rejected: 1 }, started: { first: [CLUSTER_NAME] } });
      const [event] = guard.service.events;
      expect(shown(reportOf(event?.deliveries[0]?.result), gateway)).toMatchObject({
        verdict: "rejected",
        outcome: {
          result: "deferred",
          message: expect.stringContaining("lacks the permission to get deployments.apps"),
        },
      });
      expect(await restarts(gateway)).toBe(0);
    });

    it("can change nothing else with the identity that they have", async () => {
      const { iam, cluster } = bed();
      const gateway = await guarded.place({ age: DAY });
      const { credentials } = iam.open(GUARD_ROLE.arn, "somebody");
      const token = await eksToken({ name: CLUSTER_NAME, region: REGION }, credentials, Date.now());
      const patch = (body: object) =>
        cluster.request("PATCH", workloadPath(gateway.kind, gateway.namespace, gateway.name), { token, body });
      const evil = { spec: { containers: [{ name: "apisix", image: "evil/apisix:1" }] } };
      const restart = { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: isoSeconds(Date.now()) } } };
      const answer = await patch({ spec: { template: evil } });
      expect(answer).toMatchObject({
        status: 403,
        text: expect.stringContaining("of the template only the metadata may change"),
      });
      expect(await patch({ spec: { template: restart } })).toMatchObject({ status: 200 });
    });

    it("never tell a secret of theirs", async () => {
      const gateway = await guarded.place(REFUSED);
      const { credentials } = bed().iam.open(GUARD_ROLE.arn, "function");
      const clusters = [PROD, { ...PROD, name: "renamed" }, { ...PROD, name: "foreign", roleArn: CLOSED_ROLE.arn }];
      await using guard = await deploy([gateway], { credentials, clusters });
      await sweep(guard);
      await guard.refresh.invoke({ cluster: "renamed", ...gateway });
      const said = guard.everythingSaid();
      expect(said).toContain("TokenRefused");
      for (const secret of ["k8s-aws-v1", "X-Amz-Signature", credentials.secretAccessKey, credentials.sessionToken])
        expect(said).not.toContain(secret);
    });
  });

  describe.concurrent("with clusters that cannot be looked at", () => {
    const MEMBER = { region: REGION, mode: "remediate" } as const;
    const member = (name: string) => ({ ...MEMBER, name });

    it("tell each of them with the reason, and heal the others", async () => {
      const gateway = await guarded.place(REFUSED);
      await using guard = await deploy([gateway], {
        clusters: [
          PROD,
          ...["renamed", "new", "busy", "gone"].map(member),
          { ...member("foreign"), roleArn: CLOSED_ROLE.arn },
          { discover: { regions: ["eu-west-1"], tags: { team: "edge" } }, roleArn: UNMAPPED_ROLE.arn },
        ],
      });

      const result = (await sweep(guard)) as { unknownClusters: { first: object[] } };

      expect(result).toMatchObject({ clusters: 7, verdicts: { rejected: 1 }, started: { first: [CLUSTER_NAME] } });
      const told = (cluster: string, code: string, message: RegExp) => ({
        cluster,
        code,
        message: expect.stringMatching(message),
      });
      expect(result.unknownClusters.first).toEqual([
        told("renamed", "SignInFailed", /does not accept the sign-in \(401\)/),
        told("new", "ClusterUnreachable", /CREATING/),
        told("busy", "ClusterUnreachable", /ThrottlingException/),
        told("gone", "BadConfig", /There is no EKS cluster gone/),
        told("foreign", "SignInFailed", /sts:AssumeRole/),
        told(`${ACCOUNT}/eu-west-1/${CLUSTER_NAME}`, "SignInFailed", /does not accept the sign-in \(401\)/),
      ]);
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ result: "cured" });
    });

    it("say so when the session of their own role has ended", async () => {
      const gateway = await guarded.place(REFUSED);
      const { credentials } = bed().iam.open(GUARD_ROLE.arn, "function", Date.now() - SECOND);
      await using guard = await deploy([gateway], { credentials });
      expect(await sweep(guard)).toMatchObject({
        gateways: 0,
        started: nothing,
        unknownClusters: { first: [{ cluster: CLUSTER_NAME, code: "SignInFailed" }] },
      });
      expect(await restarts(gateway)).toBe(0);
    });
  });

  describe.concurrent("when remediate is disturbed, restart once", () => {
    const underWay = (gateway: GatewayRef) =>
      waitFor("its restart", async () => (await restarts(gateway)) > 0, { timeout: 40_000 });

    it("though it is killed in the middle: Lambda's second attempt ends the work", async () => {
      const gateway = await guarded.place(REFUSED);
      await using guard = await deploy([gateway]);
      await Promise.all([sweep(guard), underWay(gateway).then(() => guard.remediate.kill())]);
      expect(guard.service.events[0]?.deliveries).toMatchObject([
        { error: { errorType: "Runtime.ExitError" } },
        { error: null },
      ]);
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ result: "cured" });
      expect(await restarts(gateway)).toBe(1);
    });

    it("though it is killed for good: the next sweep has the work ended", async () => {
      const gateway = await guarded.place(REFUSED);
      await using guard = await deploy([gateway], { retries: 0 });
      await Promise.all([sweep(guard), underWay(gateway).then(() => guard.remediate.kill())]);
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ result: null });

      expect(await sweep(guard)).toMatchObject({ started: { first: [CLUSTER_NAME] } });
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ reason: "TokenRefused", result: "cured" });
      expect(await restarts(gateway)).toBe(1);
      expect(guard.service.events.at(-1)?.deliveries).toMatchObject([{ error: null }]);
    });

    it("though its time runs out while it waits for an answer", async () => {
      const gateway = await guarded.place(REFUSED);
      await using guard = await deploy([gateway], { timeoutSeconds: 20, retries: 0 });
      guard.sns.faults.plan("hang", Number.POSITIVE_INFINITY);
      await sweep(guard);
      expect(guard.service.events[0]?.deliveries).toMatchObject([{ error: { errorType: "OutOfTime" } }]);
      expect(await restarts(gateway)).toBe(1);
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ result: null });

      guard.sns.faults.clear();
      await sweep(guard);
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ result: "cured" });
      expect(await restarts(gateway)).toBe(1);
    });

    it("though its event is delivered twice at once", async () => {
      const gateway = await guarded.place(REFUSED);
      await using guard = await deploy([gateway]);
      guard.service.deliverTimes(2);
      await sweep(guard);
      expect(guard.service.events[0]?.deliveries).toMatchObject([{ error: null }, { error: null }]);
      expect(await restarts(gateway)).toBe(1);
      await sweep(guard);
      expect(await guarded.history.noteOf(gateway)).toMatchObject({ result: "cured" });
      expect(await restarts(gateway)).toBe(1);
    });
  });
});
