import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { tryCure } from "../../src/act/try-restart.ts";
import { connect } from "../../src/adapters/kubernetes/connect.ts";
import { RELOAD_MARK, reloadCommand } from "../../src/evidence/reload-script.ts";
import type { Policy } from "../../src/model/policy.ts";
import { DAY, SECOND } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import { refused } from "../support/check/gateway-logs.ts";
import { gatewayOnHost, putToken } from "../support/check/host-gateway.ts";
import type { Scenario } from "../support/check/scenario.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { guardEventsOf } from "../support/guard/events.ts";
import { GUARD, LOOKER } from "../support/guard/install.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import { type Run, remediateAsGuard, shown } from "../support/guard/run.ts";
import { type NginxMaster, startMaster } from "../support/nginx-master.ts";

/** A token that was read at a known moment may be this old by then: the kubelet's renewal, and its lag. */
const WIDTH = (2_886 + 150) * SECOND;

/** What is read by a process that starts now is due in five seconds, and what is issued now in fifty minutes. */
const RELOADS: Partial<Policy> = { cure: "reload", restartEvery: WIDTH + 5 * SECOND };

/**
 * The "container" is this machine, as in the check with a probe, and this process its nginx: it starts another privileged agent when
 * one has ended.
 */
describeCluster("healing by reload", ({ cluster }) => {
  let guarded: GuardedPlace;
  let directory: string;
  let nginx: NginxMaster;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "reloaded-"));
    guarded = await guardCluster(cluster, { reload: true });
  });
  afterAll(async () => {
    await guarded?.leave();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    nginx = await startMaster();
  });
  afterEach(() => nginx.stop());

  /** A gateway of 61 days whose agent is new, but old enough to be due; the kubelet has renewed its file since. */
  async function placeDue(scenario: Scenario = {}): Promise<GatewayRef> {
    const gateway = await guarded.place({ ...gatewayOnHost(directory), replicas: 1, age: 61 * DAY, ...scenario });
    const now = Math.floor(Date.now() / SECOND) * SECOND;
    await putToken(cluster, directory, { namespace: gateway.namespace, issuedAt: now, lifetime: 90 * DAY });
    await new Promise((resolve) => setTimeout(resolve, 6 * SECOND));
    return gateway;
  }

  const remediate = ({ namespace }: GatewayRef): Promise<Run> =>
    remediateAsGuard(cluster, [namespace], { policy: RELOADS, probe: true });

  const podsOf = async ({ namespace }: GatewayRef): Promise<string[]> =>
    (await cluster.pods.list(namespace)).map(({ metadata }) => metadata.uid ?? "");

  const asUser = ({ token }: { readonly token: string }) =>
    connect({
      server: cluster.server,
      ca: cluster.certificateAuthority,
      authenticate: async () => ({ headers: { authorization: `Bearer ${token}` } }),
    });

  test("the token is read again, by another process in the same pod, and that is proven", async () => {
    const gateway = await placeDue();
    const before = await podsOf(gateway);
    const { report, exit } = await remediate(gateway);
    expect(shown(report, gateway)).toMatchObject({
      verdict: "healthy",
      token: { evidence: "probe" },
      warnings: [],
      outcome: { result: "renewed", message: expect.stringMatching(/and their logs hold no refusal\.$/) },
    });
    expect(exit).toBe(0);
    expect(await podsOf(gateway)).toEqual(before);
    expect(await guarded.history.restartsOf(gateway)).toEqual([]);
    expect(await guarded.history.noteOf(gateway)).toMatchObject({ state: "known", cure: "reload", result: "renewed" });
    const [first = 0, second = 0, ...more] = await nginx.starts();
    expect(second).toBeGreaterThan(first);
    expect(more).toEqual([]);
    const events = await guardEventsOf(cluster, gateway);
    expect(events.map(({ reason, action }) => `${reason} ${action}`).sort()).toEqual([
      "TokenGuardCured Reload",
      "TokenGuardReload Reload",
    ]);

    const again = await remediate(gateway);
    expect(shown(again.report, gateway)).toMatchObject({ verdict: "healthy", action: "none", outcome: null });
    expect(await nginx.starts()).toHaveLength(2);
  });

  test("a dry run runs the command and ends no process", async () => {
    const gateway = await placeDue();
    const connection = asUser(GUARD);
    const evidence = { logs: true, config: true, probe: true };
    const answer = await tryCure(connection, { gateway, action: "reload" }, { at: Date.now(), evidence });
    connection.close();
    expect(answer).toEqual({ ok: true, value: null });
    expect(await nginx.starts()).toHaveLength(1);
    expect(await guarded.history.noteOf(gateway)).toEqual({ state: "none" });
  });

  test("a refused gateway is restarted, and its processes are left alone", async () => {
    const gateway = await placeDue({ log: refused });
    const { report } = await remediate(gateway);
    expect(shown(report, gateway)).toMatchObject({ outcome: { result: "cured" } });
    expect(await guarded.history.restartsOf(gateway)).toHaveLength(1);
    expect(await nginx.starts()).toHaveLength(1);
  });

  test("under the published policy only who restarts can end a process, by that command and with a number", async () => {
    const { namespace } = await placeDue();
    const [pod] = await cluster.pods.list(namespace);
    const restarter = asUser(GUARD);
    const looker = asUser(LOOKER);
    const run = async ({ exec }: typeof restarter, command: readonly string[]): Promise<string> => {
      const where = { namespace, pod: pod?.metadata.name ?? "", container: "apisix" };
      const answer = await exec.run({ ...where, command, maxBytes: 1_024, maxTime: 10 * SECOND });
      return answer.ok ? new TextDecoder().decode(answer.value) : answer.failure.code;
    };
    const [sh = "", c = "", script = "", name = "", agent = ""] = reloadCommand(0);
    await waitFor("who looks to be known", async () => (await run(looker, ["id"])) === "Forbidden");
    for (const command of [
      [sh, c, `${script}kill 1`, name, agent],
      [sh, c, script.replaceAll("TERM", "KILL"), name, agent],
      [sh, c, script, name, "-1"],
      [sh, c, script, name, "/etc/passwd"],
      [sh, c, script, name, "1 2"],
      [sh, c, script, name, "1\n2"],
      [sh, c, script, name, ""],
      [sh, c, script, name, agent, agent],
      ["bash", c, script, name, agent],
    ]) {
      expect(await run(restarter, command), command.slice(3).join(" ")).toBe("Forbidden");
    }
    expect(await run(restarter, reloadCommand(0))).toBe(`${RELOAD_MARK}\nagent gone\nend\n`);
    expect(await run(looker, reloadCommand(0))).toBe("Forbidden");
    restarter.close();
    looker.close();
  });
});
