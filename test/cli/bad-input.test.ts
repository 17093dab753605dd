import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCli, buildCli, kubeconfig } from "../support/built-cli.ts";

const CANARY = "canary-token-eyJhbGciOiJSUzI1NiJ9";

/** Nothing listens on the discard port of loopback. */
const CLOSED = "https://127.0.0.1:9";

let cli: BuiltCli;
let config: string;
beforeAll(async () => {
  cli = await buildCli();
  config = await cli.file("kubeconfig", kubeconfig({ prod: CLOSED, stage: CLOSED }, CANARY));
  await cli.file("bad.yml", "clusters: [{ nam: prod }]\npolicy: { restartEvery: 60 }\n");
  await cli.file("two.yml", "clusters: [{ name: prod }, { name: stage }]");
  await cli.file("token", CANARY);
  await cli.file("empty.log", "");
});
afterAll(() => cli.remove());

describe("bad input", () => {
  it.each([
    ["chek", "BadUsage: unknown command 'chek' (Did you mean check?)"],
    ["check --contxt prod", "BadUsage: unknown option '--contxt' (Did you mean --context?)"],
    ["check prod", "BadUsage: too many arguments for 'check'"],
    ["check --context", "BadUsage: option '--context <name>' argument missing"],
    [
      "check --output xml",
      "BadUsage: option '--output <format>' argument 'xml' is invalid. Allowed choices are text, json, yaml.",
    ],
    ["check --at tomorrow", "BadUsage: option '--at <time>' argument 'tomorrow' is invalid. Give a day or a moment"],
    ["check --lifetime 90", "BadUsage: option '--lifetime <length>' argument '90' is invalid. Give a length of time"],
    [
      "check --namespace Edge",
      "BadUsage: option '--namespace <name>' argument 'Edge' is invalid. Give the name of a namespace",
    ],
    ["check --at \u001b[31m", "BadUsage: option '--at <time>' argument '\\u{1b}[31m' is invalid."],
    ["check --config missing.yml", "BadConfig: missing.yml cannot be read: there is no such file."],
    ["check --config token", "BadConfig: token has a mistake:"],
    ["check --kubeconfig missing", "BadKubeconfig: missing cannot be read (ENOENT)"],
    ["check --kubeconfig token", "BadKubeconfig: token"],
    ["check", "BadKubeconfig: No kubeconfig found"],
    [
      "check --kubeconfig kubeconfig --context prd",
      'BadKubeconfig: The kubeconfig has no context "prd"; did you mean prod?',
    ],
    [
      "check --kubeconfig kubeconfig --context x",
      'BadKubeconfig: The kubeconfig has no context "x"; there are: prod, stage',
    ],
    [
      "check --kubeconfig kubeconfig --audit-log missing.log",
      "BadUsage: The audit log missing.log cannot be used: there is no such file.",
    ],
    ["check --kubeconfig kubeconfig --audit-log .", "it is not a regular file; give the file, such as audit.log."],
    ["check --kubeconfig kubeconfig --audit-log empty.log", "empty.log cannot be used: it is empty."],
    [
      "remediate --kubeconfig kubeconfig --audit-log token",
      "token cannot be used: no line of it is an event of the Kubernetes audit log (audit.k8s.io, one JSON object a line).",
    ],
    ["check --audit-log", "BadUsage: option '--audit-log <file>' argument missing"],
    ["remediate --at 2026-12-24", "BadUsage: unknown option '--at'"],
    ["remediate --dry-rn", "BadUsage: unknown option '--dry-rn' (Did you mean --dry-run?)"],
    ["refresh", "BadUsage: missing required argument 'namespace/name'"],
    [
      "refresh checkout",
      "BadUsage: command-argument value 'checkout' is invalid for argument 'namespace/name'. Give NAMESPACE/NAME",
    ],
    ["refresh edge/Deployment/checkout", "Give NAMESPACE/NAME, such as edge/checkout; the kind goes into --kind."],
    ["refresh edge/checkout --kind Pod", "Allowed choices are Deployment, DaemonSet, StatefulSet."],
    ["refresh edge/checkout --context prod --context stage", "argument 'stage' is invalid. Give one only."],
    ["refresh edge/checkout --kubeconfig kubeconfig", "ClusterUnreachable: "],
    ["refresh edge/checkout --audit-log token", "BadUsage: unknown option '--audit-log'"],
    ["refresh edge/checkout --kubeconfig kubeconfig --config two.yml", "refresh acts on one cluster; say which"],
    ["manifests --group system:masters", "argument 'system:masters' is invalid. Give a group of the guard's alone"],
    ["manifests --group a'b", "Give a group of the guard's alone"],
    ["manifests --read-group system:authenticated", "argument 'system:authenticated' is invalid. Give a group of the"],
    ["manifests --read-group apisix-token-guard", "BadUsage: --group and --read-group are the same"],
    ["manifests --namespace Edge", "Give the name of a namespace"],
    [
      "manifests --selector app=a'||'a",
      "BadUsage: option '--selector <selector>' argument 'app=a'||'a' is invalid. Give a label selector such as",
    ],
    ["manifests --selector ", "BadUsage: option '--selector <selector>' argument '' is invalid. Give a label selector"],
    ["manifests --selector app=a,", "Give a label selector such as app.kubernetes.io/name=apisix."],
    ["manifests --selector =a", "Give a label selector such as app.kubernetes.io/name=apisix."],
    [
      "doctor --kubeconfig kubeconfig --audit-log missing.log",
      "BadUsage: The audit log missing.log cannot be used: there is no such file.",
    ],
    ["doctor --lifetime 90d", "BadUsage: unknown option '--lifetime'"],
  ])("%s: exit 1 with one clear sentence", async (line, expected) => {
    const { code, stdout, stderr } = await cli.run(line.split(" "));
    expect(stderr).toMatch(/^apisix-token-guard: \w+: /);
    expect(stderr).toContain(expected);
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
    expect(stderr).not.toMatch(/\n +at |\p{Cc}(?<!\n)/u);
    expect(stderr).not.toContain(CANARY.slice(0, 12));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("in guard.yml is told in full, whatever the output format", async () => {
    const { code, stdout, stderr } = await cli.run(["check", "--config", "bad.yml", "--output", "json"]);
    expect(stderr).toBe(`apisix-token-guard: BadConfig: bad.yml has 3 mistakes:
  line 1, clusters[0].name: missing, must be a name of 1 to 254 visible characters
  line 1, clusters[0].nam: unknown key (did you mean name?); allowed: name, region, mode, roleArn, readRoleArn, tokenLifetime
  line 2, policy.restartEvery: 60 must be a length of time with its units, such as 60d, 12h, 1h 30m or 100s
`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});

describe("a cluster that cannot be reached", () => {
  it.each(["remediate", "remediate --dry-run"])("is told in the report of %s", async (line) => {
    const { code, stdout, stderr } = await cli.run([...line.split(" "), "--kubeconfig", config, "--output", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ cluster: "prod", error: { code: "ClusterUnreachable" }, gateways: [] });
    expect(stderr).toBe(line.includes("dry") ? "dry run: nothing was changed\nThere was no restart to try.\n" : "");
    expect(code).toBe(1);
  });

  it("is a sign-in that could not be checked to doctor", async () => {
    const { code, stdout, stderr } = await cli.run(["doctor", "--kubeconfig", config]);
    expect(stdout).toMatch(/^prod .*\n\? sign-in +ClusterUnreachable: /);
    expect(stdout).not.toContain(CANARY);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const json = JSON.parse((await cli.run(["doctor", "--kubeconfig", config, "--output", "json"])).stdout);
    expect(json).toMatchObject({
      schema: "apisix-token-guard/doctor/v1",
      clusters: [{ cluster: "prod", gitVersion: null, checks: [{ check: "SignIn", state: "unknown" }] }],
    });
  });

  const args = (...more: string[]) => ["check", "--kubeconfig", config, ...more];

  it("is told in the report, with exit 1", async () => {
    const { code, stdout, stderr } = await cli.run(args());
    expect(stdout).toMatch(/prod.*ClusterUnreachable/s);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  });

  it.each(["json", "yaml"])("is a report with an error in %s", async (format) => {
    const { code, stdout } = await cli.run(args("--output", format));
    expect(code).toBe(1);
    const { parse } = await import("yaml");
    expect(parse(stdout)).toMatchObject({
      schema: "apisix-token-guard/report/v1",
      cluster: "prod",
      error: { code: "ClusterUnreachable", message: expect.stringContaining("127.0.0.1:9") },
      gateways: [],
    });
    expect(stdout).not.toContain(CANARY);
  });

  it("does not spoil the report on the others", async () => {
    await cli.file("guard.yml", "clusters: [{ name: stage }, { name: gone }, { discover: { regions: [eu-west-1] } }]");
    const { code, stdout, stderr } = await cli.run(args("--output", "json"));
    await cli.file("guard.yml", "");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "apisix-token-guard/fleet/v1",
      clusters: [
        { cluster: "stage", error: { code: "ClusterUnreachable" } },
        { cluster: "gone", error: { code: "BadKubeconfig" } },
      ],
    });
    expect(stderr).toBe(
      "warning: clusters that guard.yml only discovers are left out: the command line knows contexts\n",
    );
  });

  it("is looked at without EKS' audit log: the command line has no way to that", async () => {
    await cli.file("audit.yml", "evidence: { audit: true }");
    const { stderr } = await cli.run(args("--config", "audit.yml"));
    expect(stderr).toBe("warning: evidence.audit is for EKS' own logs: on the command line give --audit-log FILE\n");
  });

  it("is asked for once, however often it is named", async () => {
    const { stdout } = await cli.run(args("--context", "stage", "--context", "stage", "--output", "json"));
    expect(JSON.parse(stdout)).toMatchObject({ schema: "apisix-token-guard/report/v1", cluster: "stage" });
  });
});
