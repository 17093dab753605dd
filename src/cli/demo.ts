import type { ClusterResult } from "../model/decision.ts";
import { DEFAULT_SELECTOR } from "../model/gateway-selector.ts";
import { isoSeconds } from "../model/time.ts";
import { gatewayId } from "../model/workload.ts";
import { reconcile } from "../reconcile.ts";
import { remediate } from "../remediate.ts";
import { buildReport } from "../report/build.ts";
import { renderText } from "../report/text.ts";
import { CAST, DEMO_POLICY, demoCluster } from "./demo/scenario.ts";
import { colours, print, widthOf } from "./output.ts";

const SCOPE = { selector: DEFAULT_SELECTOR, namespaces: [] };

/** Tells the story of one cluster in memory: what check sees, what remediate does about it, and what is left. Returns 0. */
export async function demo(): Promise<number> {
  const { stdout } = process;
  const cluster = demoCluster();
  const { clock } = cluster;
  const settings = { policy: DEMO_POLICY, mode: "remediate" as const, tokenLifetime: null };
  const options = { name: "demo", scope: SCOPE, evidence: { logs: true, config: true }, settings };
  const say = (text: string) => print(stdout, `${text}\n`);
  const show = (result: ClusterResult) =>
    print(stdout, renderText([buildReport(result)], { width: widthOf(stdout), color: colours(stdout) }));

  await say("A cluster in memory, one gateway of every verdict. Time is virtual, the code is the real one.\n");
  for (const { name, role } of CAST) await say(`  ${name.padEnd(9)} ${role}`);
  await say("\n── apisix-token-guard check ──\n");
  await show(await reconcile(cluster, { ...options, at: null, restarter: null }));

  const told = new Set<string>();
  const tell = async ({ plan, outcomes }: ClusterResult) => {
    for (const { gateway, outcome } of outcomes) {
      const line = `${isoSeconds(clock.now())}  ${gateway.name}: ${outcome.result}. ${outcome.message}`;
      const key = `${gatewayId(gateway)} ${outcome.result}`;
      if (!told.has(key)) await say(`  ${line}`);
      told.add(key);
    }
    for (const gateway of plan?.restarts ?? []) await say(`  ${isoSeconds(clock.now())}  ${gateway.name}: restarting`);
  };
  const heal = () =>
    remediate(cluster, {
      ...options,
      restarter: cluster.restarter,
      now: clock.now,
      stopAt: null,
      sleep: async (length) => clock.advance(length),
      onLook: tell,
    });

  await say("\n── apisix-token-guard remediate, now: what is urgent ──\n");
  await heal();
  const saturday = Date.parse("2026-06-13T01:00:00Z");
  await say("\n── the same, on Saturday at 01:00: what could wait for its window ──\n");
  clock.advance(saturday - clock.now());
  await heal();
  await say("\n── apisix-token-guard check, after that ──\n");
  await show(await reconcile(cluster, { ...options, at: null, restarter: null }));
  return 0;
}
