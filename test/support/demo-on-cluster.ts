import { DAY } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import type { Report } from "../../src/report/schema.ts";
import { renderText } from "../../src/report/text.ts";
import { quiet, refused } from "./check/gateway-logs.ts";
import type { Scenario } from "./check/scenario.ts";
import { startControlPlane } from "./control-plane/start.ts";
import { guardCluster } from "./guard/place.ts";
import { namespacesOf, remediateAsGuard } from "./guard/run.ts";

const STATIC_TOKEN = { discovery: { kubernetes: { client: { token: "${" + "REMOTE_TOKEN}" } } } };

const CAST: readonly (readonly [string, Scenario])[] = [
  ["91 days old and refused: to be cured", { age: 91 * DAY, log: refused }],
  ["61 days old: to be renewed", { age: 61 * DAY, log: quiet, kind: "StatefulSet" }],
  ["a day old: to be left alone", { age: DAY, log: quiet }],
  [
    "refused, and its token is an environment variable: no restart can fix it",
    { age: 40 * DAY, log: refused, config: STATIC_TOKEN },
  ],
];

const say = (text: string) => console.log(text);

/** The same story as the demo in memory, shorter, on a real control plane, as the guard's own identity under its published manifests. */
export async function demoOnCluster(): Promise<void> {
  say("Starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok …");
  await using cluster = await startControlPlane({ scheduler: true });
  say("Applying the guard's manifests, placing four gateways and making them old …\n");
  const { place, leave } = await guardCluster(cluster);
  const gateways: GatewayRef[] = [];
  for (const [role, scenario] of CAST) {
    const gateway = await place(scenario);
    gateways.push(gateway);
    say(`  ${gateway.namespace}/${gateway.name}  ${role}`);
  }
  const text = (report: Report) =>
    renderText([report], { width: process.stdout.columns || 80, color: process.stdout.isTTY });
  let looks = 0;
  const told = new Set<string>();
  const { report } = await remediateAsGuard(cluster, namespacesOf(gateways), {
    onLook: (look) => {
      if (looks++ === 0) say(`\n── the first look ──\n\n${text(look)}\n── what follows ──\n`);
      for (const { namespace, name, outcome } of look.gateways) {
        const line = outcome === null ? "" : `${namespace}/${name}: ${outcome.result}. ${outcome.message}`;
        if (line !== "" && !told.has(line)) say(`  ${look.at}  ${line}`);
        told.add(line);
      }
    },
  });
  say(`\n── the last look ──\n\n${text(report)}`);
  await leave();
}
