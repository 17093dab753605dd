import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";
import { type BuiltCli, buildCli, kubeconfig } from "../../support/built-cli.ts";
import { type PlantedApi, startPlantedApi } from "../../support/canaries/api.ts";
import { PROCESS_VARIABLES } from "../../support/canaries/command.ts";
import { expectNoLeak, findLeaks } from "../../support/canaries/finder.ts";
import { CANARIES } from "../../support/canaries/inventory.ts";
import { EVERY_VERDICT, plantedCluster, QUICK } from "../../support/canaries/planted.ts";

/** With every request so much passes in the cluster: these processes really wait. */
const TICK = 1_000;

describe("the command line as people have it", () => {
  let cli: BuiltCli;
  beforeAll(async () => {
    cli = await buildCli();
  });
  afterAll(() => cli.remove());

  /** Prints on every stream, as a sign-in command in a debug mode does. */
  const PLUGIN = `
    process.stderr.write(${JSON.stringify(CANARIES.pluginStderr)});
    process.stdout.write(${JSON.stringify(JSON.stringify({ kind: "ExecCredential", status: { token: CANARIES.pluginToken } }))});
  `;
  const user = {
    exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: ["-e", PLUGIN] },
  };

  interface Run {
    readonly gateways?: readonly GatewaySpec[];
    readonly fault?: Parameters<PlantedApi["fail"]>[0];
    readonly user?: object;
    readonly env?: Readonly<Record<string, string>>;
  }

  /** Everything that leaves the process. */
  async function run(line: string, { gateways = [QUICK], fault = null, user, env = {} }: Run = {}): Promise<string> {
    const api = await startPlantedApi(plantedCluster(gateways), { tls: true, tick: TICK });
    api.fail(fault);
    const config = JSON.parse(kubeconfig({ prod: api.url }, CANARIES.token));
    config.clusters[0].cluster["certificate-authority-data"] = Buffer.from(api.ca).toString("base64");
    if (user !== undefined) config.users[0].user = user;
    const name = `kubeconfig-${api.port}`;
    await cli.file(name, JSON.stringify(config));
    const { stdout, stderr } = await cli.run([...line.split(" "), "--kubeconfig", name], {
      env: { ...PROCESS_VARIABLES, ...env },
    });
    await api.close();
    expectNoLeak(api.received(), `what is sent by ${line}`);
    return stdout + stderr;
  }

  it.concurrent.each<readonly [string, Run, string]>([
    ["check --output json", { gateways: EVERY_VERDICT }, '"verdict": "rejected"'],
    ["doctor --output yaml", {}, "check: SignIn"],
    ["remediate", {}, "renewed"],
    ["remediate --dry-run", {}, "would accept the restart"],
    ["refresh edge/checkout --output json", {}, '"result": "renewed"'],
    ["check", { fault: { question: "version", answer: "401" } }, "SignInFailed"],
    ["refresh edge/checkout", { fault: { question: "restart", answer: "403" } }, "was not restarted"],
    ["check", { user }, "edge/checkout"],
    ["check", { user, fault: { question: "version", answer: "401" } }, "SignInFailed"],
    ["check --token=TOKEN", {}, "BadUsage"],
  ])("%s prints no canary", async (line, options, expected) => {
    const said = await run(line.replace("TOKEN", CANARIES.token), options);
    expect(said).toContain(expected);
    expectNoLeak(said, line);
  });

  it.concurrent.each(["manifests", "demo"])("%s prints nothing of its environment", async (verb) => {
    const { stdout, stderr } = await cli.run([verb], { env: PROCESS_VARIABLES });
    expect(stdout).toContain("apisix-token-guard");
    expectNoLeak(stdout + stderr, verb);
  });

  it.concurrent("prints what is sent when Node is told to, as docs/trust.md says; and here it would be found", async () => {
    const said = await run("check", { env: { NODE_DEBUG: "http,https" } });
    expect(findLeaks(said).map(({ canary }) => canary)).toContain("token");
  });
});
