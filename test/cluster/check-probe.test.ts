import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect } from "../../src/adapters/kubernetes/connect.ts";
import { probeCommand } from "../../src/evidence/probe-script.ts";
import { probeManifests } from "../../src/manifests/probe-policy.ts";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../src/model/time.ts";
import type { GatewayReport } from "../../src/report/schema.ts";
import { type GuardIdentity, signUpGuard } from "../support/check/guard-identity.ts";
import { gatewayOnHost, putToken } from "../support/check/host-gateway.ts";
import { look } from "../support/check/look.ts";
import { GATEWAY } from "../support/check/placed-gateway.ts";
import { arrange } from "../support/check/scenario.ts";
import type { KubeObject } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { SETTINGS } from "../support/gateways.ts";

/**
 * The simulated kubelet runs commands on this machine, so the "container" is the machine itself: its /proc holds a process that is
 * called as nginx's privileged agent is, and the token file is a real one.
 */
describeCluster("check with a probe of the containers", ({ cluster }) => {
  let namespace: string;
  let guard: GuardIdentity;
  let directory: string;
  let agent: ChildProcess | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "probed-"));
    namespace = await cluster.namespace("probe");
    guard = await signUpGuard(cluster, namespace, { probe: true });
    await arrange(cluster, namespace, { ...gatewayOnHost(directory), replicas: 1, age: 2 * DAY });
  });
  afterEach(() => {
    agent?.kill();
    agent = undefined;
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function startAgent(): Promise<Instant> {
    agent = spawn("sleep", ["120"], { argv0: "nginx: privileged agent process", stdio: "ignore" });
    const at = Date.now();
    await expect.poll(() => readFile(`/proc/${agent?.pid}/cmdline`, "utf8")).toMatch("nginx: privileged agent");
    return at;
  }

  const put = (issuedAt: Instant, lifetime: number, serviceAccount = GATEWAY): Promise<string> =>
    putToken(cluster, directory, { namespace, serviceAccount, issuedAt, lifetime });

  async function check(identity = guard): Promise<GatewayReport> {
    const { report } = await look(cluster, identity, { namespaces: [namespace], settings: SETTINGS, probe: true });
    const [gateway] = report.gateways;
    if (gateway === undefined) throw new Error("the gateway got lost");
    return gateway;
  }

  const connectAsGuard = () =>
    connect({
      server: cluster.server,
      ca: cluster.certificateAuthority,
      authenticate: async () => ({ headers: { authorization: `Bearer ${guard.token}` } }),
    });

  const wholeSeconds = (moment: Instant): Instant => Math.floor(moment / SECOND) * SECOND;

  test("the token that was there when the agent started is the one in its memory", async () => {
    const issuedAt = wholeSeconds(Date.now() - 20 * MINUTE);
    await put(issuedAt, 40 * DAY);
    await startAgent();
    const { token, warnings } = await check();
    expect(warnings).toEqual([]);
    expect(token).toMatchObject({ evidence: "probe", lifetimeSeconds: 40 * 86_400, lifetimeFrom: "claims" });
    expect(Date.parse(token?.issuedAt?.earliest ?? "")).toBe(issuedAt);
    expect(Date.parse(token?.issuedAt?.latest ?? "")).toBe(issuedAt);
  });

  test("of a file that was renewed since, the token is as old as the start of the agent allows", async () => {
    const startedAt = await startAgent();
    await put(wholeSeconds(Date.now()), 40 * DAY);
    const { token, warnings } = await check();
    expect(warnings).toEqual([]);
    expect(token).toMatchObject({ evidence: "probe", lifetimeFrom: "claims" });
    const latest = Date.parse(token?.issuedAt?.latest ?? "");
    // To the second, rounded down; its container has been running for two days.
    expect(Math.abs(latest - startedAt)).toBeLessThan(2 * SECOND);
    expect(latest - Date.parse(token?.issuedAt?.earliest ?? "")).toBe((2_886 + 150) * SECOND);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ["without an agent", () => put(wholeSeconds(Date.now() - HOUR), DAY), /No privileged agent of nginx runs/],
    ["without a token", () => rm(join(directory, "token"), { force: true }).then(startAgent), /holds no JWT/],
    [
      "with the token of another",
      () => put(wholeSeconds(Date.now() - HOUR), DAY, "default").then(startAgent),
      /another ServiceAccount's/,
    ],
  ])("%s, the age comes from the start of the container, and the reason is told", async (_case, prepare, why) => {
    await prepare();
    const { token, warnings, verdict } = await check();
    expect(verdict).toBe("healthy");
    expect(token).toMatchObject({ evidence: "container-start", lifetimeFrom: "assumed" });
    expect(warnings).toEqual([expect.stringMatching(why)]);
  });

  test("without the permission, too, and it is named", async () => {
    const other = await cluster.namespace("probe-not");
    const forbidden = await signUpGuard(cluster, other, { everywhere: true });
    const { token, warnings, verdict } = await check(forbidden);
    expect(verdict).toBe("healthy");
    expect(token).toMatchObject({ evidence: "container-start" });
    expect(warnings).toEqual([expect.stringMatching(/lacks the permission to create pods\/exec in namespace/)]);
  });

  test.each(["group", "readGroup"] as const)(
    "under the published policy the guard can run the probe and nothing else, by its %s",
    async (which) => {
      const mine = `${namespace}-probe-only`;
      const groups = { group: "none", readGroup: "none", [which]: `system:serviceaccounts:${namespace}` };
      const policy = probeManifests(groups).map((manifest) => ({
        ...manifest,
        metadata: { name: mine },
        spec: { ...(manifest.spec as object), ...(manifest.kind.endsWith("Binding") ? { policyName: mine } : {}) },
      }));
      await cluster.apply(policy as unknown as KubeObject[]);
      const pod = (await cluster.pods.list(namespace))[0]?.metadata.name ?? "";
      const connected = connectAsGuard();
      const run = async (command: readonly string[]) => {
        const answer = await connected.exec.run({
          namespace,
          pod,
          container: "apisix",
          command,
          maxBytes: 65_536,
          maxTime: 10_000,
        });
        return answer.ok ? "ran" : answer.failure.code;
      };
      const probe = probeCommand(join(directory, "token"));
      const [sh = "", c = "", script = "", name = "", file = ""] = probe;
      await waitFor("the policy to be in force", async () => (await run(["id"])) === "Forbidden");
      for (const command of [
        ["sh", "-c", "id"],
        [sh, c, `${script}id`, name, file],
        [sh, c, script.trim(), name, file],
        [sh, c, script, name, "token"],
        [sh, c, script, name],
        [sh, c, script, "bash", file],
        [...probe, "more"],
        ["bash", c, script, name, file],
      ]) {
        expect(await run(command)).toBe("Forbidden");
      }
      expect(await run(probe)).toBe("ran");
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}`;
      const query = new URLSearchParams({ container: "apisix", stdout: "true", stdin: "true" });
      for (const word of probe) query.append("command", word);
      const withInput = await cluster.request("POST", `${path}/exec?${query}`, { token: guard.token });
      expect(withInput.status).toBe(403);
      expect(withInput.text).toContain("only the probe may be run");
      await Promise.all(
        ["validatingadmissionpolicybindings", "validatingadmissionpolicies"].map((plural) =>
          cluster.api.delete(`/apis/admissionregistration.k8s.io/v1/${plural}/${mine}`),
        ),
      );
      await waitFor("the policy to be gone", async () => (await run(["id"])) === "ran");
      connected.close();
    },
  );

  test("nothing that could be used as a token leaves the container", async () => {
    const token = await put(wholeSeconds(Date.now() - HOUR), DAY);
    await startAgent();
    const [head = "", body = "", signature = ""] = token.split(".");
    const connected = connectAsGuard();
    const [pod] = await cluster.pods.list(namespace);
    const answer = await connected.exec.run({
      namespace,
      pod: pod?.metadata.name ?? "",
      container: "apisix",
      command: probeCommand(join(directory, "token")),
      maxBytes: 65_536,
      maxTime: 10_000,
    });
    connected.close();
    const printed = answer.ok ? Buffer.from(answer.value).toString() : "";
    expect(printed).toContain(body);
    expect(printed).not.toContain(signature);
    expect(printed).not.toContain(head);
    const report = JSON.stringify(await check());
    for (const part of [head, body, signature]) expect(report).not.toContain(part);
    const audited = await readFile(cluster.audit.path, "utf8");
    expect(audited).toContain("/exec?");
    for (const part of [body, signature]) expect(audited).not.toContain(part);
  });
});
