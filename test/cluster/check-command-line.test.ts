import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY } from "../../src/model/time.ts";
import { fleetSchema, type Report, reportSchema } from "../../src/report/schema.ts";
import { type BuiltCli, buildCli, type Ended } from "../support/built-cli.ts";
import { refused } from "../support/check/gateway-logs.ts";
import { CANARY, STATIC_TOKEN } from "../support/check/gateways.ts";
import { type Grant, type GuardIdentity, signUpGuard } from "../support/check/guard-identity.ts";
import { arrange, type Scenario } from "../support/check/scenario.ts";
import type { AuditMark } from "../support/control-plane/cluster/audit.ts";
import { describeCluster } from "../support/control-plane/suite.ts";

/** A namespace with a gateway, or without, and somebody who may look at it. */
interface Place {
  readonly namespace: string;
  readonly guard: GuardIdentity;
}

describeCluster("the command check", ({ cluster }) => {
  let cli: BuiltCli;
  let since: AuditMark;
  let old: Place;
  let sick: Place;
  let unreadable: Place;
  let nothing: Place;

  const place = async (scenario: Scenario | null, grant?: Grant): Promise<Place> => {
    const namespace = await cluster.namespace("check-cli");
    const guard = await signUpGuard(cluster, namespace, grant);
    if (scenario !== null) await arrange(cluster, namespace, scenario);
    return { namespace, guard };
  };

  beforeAll(async () => {
    since = await cluster.audit.mark();
    [cli, old, sick, unreadable, nothing] = await Promise.all([
      buildCli(),
      place({ age: 61 * DAY, configAge: 62 * DAY }),
      place({ age: 61 * DAY, config: STATIC_TOKEN, log: refused }),
      place({}, { without: ["pods/log"] }),
      place(null),
    ]);
  });

  afterAll(() => cli?.remove());

  /** A kubeconfig with a context for each of these places, named as its namespace. */
  const signedIn = (places: readonly Place[]): Promise<string> => {
    const server = {
      server: cluster.server,
      "certificate-authority-data": Buffer.from(cluster.certificateAuthority).toString("base64"),
    };
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": places[0]?.namespace,
      clusters: [{ name: "test", cluster: server }],
      contexts: places.map(({ namespace }) => ({ name: namespace, context: { cluster: "test", user: namespace } })),
      users: places.map(({ namespace, guard: { token } }) => ({ name: namespace, user: { token } })),
    };
    return cli.file("kubeconfig", JSON.stringify(config));
  };

  const check = async ({ namespace, guard }: Place, ...more: readonly string[]): Promise<Ended> => {
    const kubeconfig = await signedIn([{ namespace, guard }]);
    const ended = await cli.run(["check", "--kubeconfig", kubeconfig, "--namespace", namespace, ...more]);
    for (const secret of [guard.token, guard.token.slice(0, 24), CANARY]) {
      expect(ended.stdout + ended.stderr).not.toContain(secret);
    }
    return ended;
  };

  const json = async (where: Place, ...more: readonly string[]): Promise<{ report: Report; code: number | null }> => {
    const { stdout, code } = await check(where, "--output", "json", ...more);
    return { report: reportSchema.parse(JSON.parse(stdout)), code };
  };

  test("a gateway that is due can wait: 0", async () => {
    const { report, code } = await json(old);
    expect(report.gateways).toMatchObject([
      { verdict: "due", reason: "RestartIntervalReached", action: "restart", blockers: [] },
    ]);
    expect(code).toBe(0);
  });

  test("a cluster that guard.yml only lets check holds every restart back", async () => {
    const config = await cli.file("check-only.yml", `clusters: [{ name: ${old.namespace}, mode: check }]\n`);
    const { report, code } = await json(old, "--config", config);
    expect(report.gateways).toMatchObject([{ verdict: "due", blockers: [{ reason: "CheckOnly", waived: false }] }]);
    expect(code).toBe(0);
  });

  test("a gateway that no restart can cure wants attention: 2", async () => {
    const { report, code } = await json(sick);
    expect(report.gateways).toMatchObject([{ verdict: "unfixable", reason: "TokenIsStatic", action: "alert" }]);
    expect(code).toBe(2);
  });

  test("a gateway whose log is forbidden is not known: 1", async () => {
    const { report, code } = await json(unreadable);
    expect(report.gateways).toMatchObject([{ verdict: "unknown", reason: "LogsUnreadable" }]);
    expect(report.gateways[0]?.message).toContain("get pods/log");
    expect(code).toBe(1);
  });

  test("no gateway at all is no success: 1", async () => {
    const { report, code } = await json(nothing);
    expect(report).toMatchObject({ error: { code: "NoGatewayFound" }, gateways: [] });
    expect(code).toBe(1);
  });

  test("what is known of token lifetimes changes the verdict", async () => {
    const { report, code } = await json(old, "--lifetime", "65d");
    expect(report.gateways).toMatchObject([{ verdict: "expiring", token: { lifetimeFrom: "configured" } }]);
    expect(code).toBe(2);
  });

  test("the same gateway was fine two days ago", async () => {
    const at = new Date(Date.now() - 2 * DAY).toISOString().replace(/\.\d+Z$/, "Z");
    const { report, code } = await json(old, "--at", at);
    expect(report.gateways).toMatchObject([{ verdict: "healthy" }]);
    expect(code).toBe(0);
  });

  test("people get a page that names verdict, reason and gateway", async () => {
    const { stdout, stderr, code } = await check(sick);
    expect(stdout).toContain(`${sick.namespace}/apisix`);
    expect(stdout).toMatch(/unfixable/i);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(`${stdout}${stderr}`).not.toContain("\u001b");
    expect(code).toBe(2);
  });

  test("several contexts are one fleet, and the worst decides", async () => {
    const kubeconfig = await signedIn([old, sick]);
    const contexts = [old, sick].flatMap(({ namespace }) => ["--context", namespace, "--namespace", namespace]);
    const { stdout, code } = await cli.run(["check", "--kubeconfig", kubeconfig, "--output", "json", ...contexts]);
    const { clusters } = fleetSchema.parse(JSON.parse(stdout));
    expect(clusters.map((report) => report.cluster)).toEqual([old.namespace, sick.namespace]);
    // Each of the two may look into one of the two namespaces only.
    expect(clusters.map(({ error }) => error?.code)).toEqual(["ClusterUnreadable", "ClusterUnreadable"]);
    expect(clusters.map(({ gateways }) => gateways.map(({ verdict }) => verdict))).toEqual([["due"], ["unfixable"]]);
    expect(code).toBe(2);
  });

  test("nothing was written by any of them", async () => {
    const users = [old, sick, unreadable, nothing].map(({ guard }) => guard.user);
    const writes = await cluster.audit.writes({ since });
    expect(writes.filter(({ user }) => users.includes(user.username ?? ""))).toEqual([]);
  });
});
