import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../src/model/time.ts";
import { checkupSchema } from "../../src/report/checkup-schema.ts";
import { type GatewayReport, type Report, reportSchema } from "../../src/report/schema.ts";
import { type BuiltCli, buildCli, type Ended } from "../support/built-cli.ts";
import { ageContainers } from "../support/check/ageing.ts";
import { type GuardIdentity, signUpGuard } from "../support/check/guard-identity.ts";
import { GATEWAY } from "../support/check/placed-gateway.ts";
import { arrange } from "../support/check/scenario.ts";
import type { Pod } from "../support/control-plane/cluster/objects.ts";
import { describeCluster } from "../support/control-plane/suite.ts";

const INFORMER = "lua-resty-http/0.16.1 (Lua) ngx_lua/10027";
const ENDPOINTS = "/api/v1/endpoints?limit=120";

const AGE = 61 * DAY;

describeCluster("check with the audit log of the API server", ({ cluster }) => {
  let cli: BuiltCli;
  let guard: GuardIdentity;
  let seen: string;
  let silent: string;
  /** When the tokens of the first gateway's pods were issued, by the pods' names. */
  let issued: ReadonlyMap<string, Instant>;
  let directory: string;

  const podsOf = async (namespace: string): Promise<Pod[]> =>
    (await cluster.pods.list(namespace)).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

  /** The status of a request with a token of that pod. */
  const ask = async (
    { metadata }: Pod,
    issuedAt: Instant,
    { path = ENDPOINTS, userAgent = INFORMER, expiresAt = issuedAt + 365 * DAY } = {},
  ): Promise<number> => {
    const token = await cluster.tokens.forge(
      { namespace: metadata.namespace ?? "", serviceAccount: GATEWAY, pod: metadata.name },
      {
        issuedAt: new Date(issuedAt),
        expiresAt: new Date(expiresAt),
        warnAfter: new Date(issuedAt + 3_607 * SECOND),
      },
    );
    return (await cluster.request("GET", path, { token, headers: { "user-agent": userAgent } })).status;
  };

  beforeAll(async () => {
    [cli, seen, silent] = await Promise.all([
      buildCli(),
      cluster.namespace("audit-seen"),
      cluster.namespace("audit-silent"),
    ]);
    guard = await signUpGuard(cluster, seen, { everywhere: true });
    await Promise.all([seen, silent].map((namespace) => arrange(cluster, namespace, { age: AGE + DAY })));
    directory = await cli.file("kubeconfig", kubeconfig(guard.token)).then((file) => join(file, ".."));

    const started = Math.floor((Date.now() - AGE) / SECOND) * SECOND;
    const pods = await podsOf(seen);
    // Their containers were restarted in place a day later: what they hold is younger than the pods.
    for (const pod of pods) await ageContainers(cluster, { namespace: seen, name: pod.metadata.name }, started);
    issued = new Map(pods.map(({ metadata }, index) => [metadata.name, started - (5 + index * 20) * MINUTE]));
    for (const pod of pods) {
      const issuedAt = issued.get(pod.metadata.name) ?? 0;
      expect(await ask(pod, issuedAt)).toBe(200);
      expect(await ask(pod, issuedAt, { path: "/api/v1/endpoints?limit=120&resourceVersion=0" })).toBe(200);
      // Others in the pod, with older tokens: none of them asks as an informer does.
      expect(await ask(pod, issuedAt - 2 * DAY, { userAgent: "curl/8.5.0" })).toBe(200);
      expect(await ask(pod, issuedAt - 3 * DAY, { path: "/api/v1/secrets?limit=120" })).toBe(403);
    }
    for (const pod of await podsOf(silent)) {
      expect(await ask(pod, started - 91 * DAY, { expiresAt: Date.now() - HOUR })).toBe(401);
    }
  });

  afterAll(() => cli?.remove());

  const kubeconfig = (token: string): string =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      clusters: [
        {
          name: "test",
          cluster: {
            server: cluster.server,
            "certificate-authority-data": Buffer.from(cluster.certificateAuthority).toString("base64"),
          },
        },
      ],
      contexts: [{ name: "test", context: { cluster: "test", user: "guard" } }],
      users: [{ name: "guard", user: { token } }],
    });

  const check = (...more: readonly string[]): Promise<Ended> => {
    const namespaces = [seen, silent].flatMap((namespace) => ["--namespace", namespace]);
    return cli.run(["check", "--kubeconfig", "kubeconfig", "--lifetime", "90d", ...namespaces, ...more]);
  };

  const report = async (
    ...more: readonly string[]
  ): Promise<{ report: Report; of: (namespace: string) => GatewayReport }> => {
    const { stdout } = await check("--output", "json", ...more);
    const whole = reportSchema.parse(JSON.parse(stdout));
    const of = (namespace: string) => {
      const found = whole.gateways.find((gateway) => gateway.namespace === namespace);
      if (found === undefined) throw new Error(`${namespace} got lost`);
      return found;
    };
    return { report: whole, of };
  };

  /** Each pod's token is reported as issued when it was forged, to two seconds. */
  const expectExact = ({ token, pods }: GatewayReport): void => {
    expect(token).toMatchObject({ evidence: "audit", lifetimeSeconds: 90 * 86_400, lifetimeFrom: "configured" });
    for (const { name, expiresAt } of pods) {
      const latest = Date.parse(expiresAt?.latest ?? "") - 90 * DAY;
      expect(Math.abs(latest - SECOND - (issued.get(name) ?? 0))).toBeLessThanOrEqual(2 * SECOND);
      expect(Date.parse(expiresAt?.latest ?? "") - Date.parse(expiresAt?.earliest ?? "")).toBe(12 * SECOND);
    }
    const oldest = Math.min(...issued.values());
    expect(Date.parse(token?.issuedAt?.earliest ?? "")).toBeLessThanOrEqual(oldest);
    expect(Date.parse(token?.issuedAt?.latest ?? "")).toBeGreaterThanOrEqual(oldest);
  };

  test("the issue times are those of the tokens that the pods really sent", async () => {
    const { of } = await report("--audit-log", cluster.audit.path);
    expectExact(of(seen));
    expect(of(seen).pods).toHaveLength(2);
    expect(of(seen).warnings).toEqual([]);
  });

  test("a gateway whose token was refused and whose log is silent is told of, and judged by its container's start", async () => {
    const { report: whole, of } = await report("--audit-log", cluster.audit.path);
    expect(of(silent)).toMatchObject({ token: { evidence: "container-start" }, verdict: "due" });
    expect(of(silent).pods.map(({ refused }) => refused)).toEqual([false, false]);
    expect(whole.warnings).toEqual([
      expect.stringMatching(/^The audit log \(\S+ to \S+\) does not tell how old the tokens of 2 of 4 pods are/),
      expect.stringMatching(/^The audit log shows 2 requests of discovery informers that were refused \(401\)/),
    ]);
  });

  test("without it the interval is that of the container's start, and holds the true time", async () => {
    const { of } = await report();
    const { evidence, issuedAt } = of(seen).token ?? {};
    expect(evidence).toBe("container-start");
    const oldest = Math.min(...issued.values());
    expect(Date.parse(issuedAt?.earliest ?? "")).toBeLessThan(oldest);
    expect(Date.parse(issuedAt?.latest ?? "")).toBeGreaterThan(oldest);
  });

  test("people read where the age comes from", async () => {
    const { stdout, stderr } = await check("--audit-log", cluster.audit.path);
    expect(stdout).toContain("(by audit log)");
    expect(stdout).toContain("(by container start)");
    expect(stdout + stderr).not.toContain(guard.token.slice(0, 24));
  });

  test("doctor says of which pods it is silent, and that EKS' own is out of its reach", async () => {
    await cli.file("audit.yml", "evidence: { audit: true }");
    const accepted = (await cluster.audit.events()).filter(({ responseStatus }) => responseStatus?.code !== 401);
    await cli.file("accepted.log", accepted.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const said = async (namespace: string, ...more: readonly string[]) => {
      const args = ["doctor", "--read-only", "--kubeconfig", "kubeconfig", "--config", "audit.yml"];
      const { stdout, stderr } = await cli.run([...args, "--namespace", namespace, "--output", "json", ...more]);
      expect(stderr).toBe("");
      const checks = checkupSchema.parse(JSON.parse(stdout)).clusters[0]?.checks ?? [];
      return checks.flatMap(({ check: name, state, message }) => (name === "AuditLog" ? `${state}: ${message}` : []));
    };
    expect(await said(seen, "--audit-log", "accepted.log")).toEqual([
      expect.stringMatching(/^ok: It can be read \(\S+ to \S+\)/),
    ]);
    expect(await said(silent, "--audit-log", cluster.audit.path)).toEqual([
      expect.stringMatching(/^warning: .*tokens of 2 of 2 pods/),
      expect.stringMatching(/^warning: .*2 requests of discovery informers that were refused/),
    ]);
    expect(await said(seen)).toEqual([expect.stringMatching(/^skipped: .*a kubeconfig has none/)]);
  });

  test("rotated and packed it says the same", async () => {
    await copyFile(cluster.audit.path, join(directory, "whole.log"));
    const rotated = join(directory, "audit-2026-11-23T20-00-00.123.log.gz");
    await writeFile(
      rotated,
      gzipSync((await cluster.audit.events()).map((event) => `${JSON.stringify(event)}\n`).join("")),
    );
    const fresh = (await cluster.audit.events()).filter(({ userAgent }) => userAgent !== INFORMER);
    await writeFile(join(directory, "audit.log"), fresh.map((event) => `${JSON.stringify(event)}\n`).join(""));
    for (const file of ["whole.log", "audit.log"]) expectExact((await report("--audit-log", file)).of(seen));
  });
});
