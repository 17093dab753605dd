/**
 * One sweep over a fleet in memory: what the guard's own part of it costs in time and memory. `npm run bench:fleet [CLUSTERS] [GATEWAYS]`
 * gives it as little heap as a function of 256 MB has; with more, garbage is left lying longer.
 * Every cluster is made when it is visited and forgotten after that, as a real one is; the reports are built and measured as the
 * function does.
 */
import type { Target } from "../src/fleet.ts";
import { read } from "../src/model/read.ts";
import { DAY, MINUTE } from "../src/model/time.ts";
import { buildReport } from "../src/report/build.ts";
import { logLines } from "../src/report/log-lines.ts";
import { clusterMetrics, fleetMetrics } from "../src/report/metrics.ts";
import { simulateCluster } from "../src/simulate/cluster.ts";
import { sweepFleet } from "../src/sweep.ts";
import { SETTINGS } from "../test/support/gateways.ts";
import { report } from "./support/measure.ts";

const NOW = Date.parse("2026-06-10T12:00:00Z");
const MIB = 1024 * 1024;
const [clusters = 1_000, gateways = 5] = process.argv.slice(2).map(Number);

const target = (index: number): Target => ({
  name: `cluster-${index}`,
  settings: SETTINGS,
  connect: async () => {
    const cluster = simulateCluster({ now: NOW });
    for (let gateway = 0; gateway < gateways; gateway++) {
      const createdAgo = gateway === 0 && index % 10 === 0 ? 61 * DAY : 10 * DAY;
      cluster.addGateway({ name: `gateway-${gateway}`, createdAgo });
    }
    return { ...cluster, close: () => undefined };
  },
});

let logged = 0;
const started = performance.now();
const result = await sweepFleet(
  Array.from({ length: clusters }, (_, index) => target(index)),
  {
    scope: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
    evidence: { logs: true, config: true },
    now: () => NOW,
    maxStarts: 10,
    stopAt: NOW + 15 * MINUTE,
    start: async () => read(null),
    tell: (seen, summary) => {
      for (const line of logLines(buildReport(seen))) logged += JSON.stringify(line).length;
      logged += JSON.stringify(clusterMetrics(summary)).length;
    },
  },
);
const seconds = (performance.now() - started) / 1_000;
const fleet = Object.fromEntries(fleetMetrics(result).map(({ name, value }) => [name, value]));
console.log(
  `${clusters} clusters x ${gateways} gateways: ${seconds.toFixed(1)} s, ${(logged / MIB).toFixed(1)} MiB of log`,
);
console.log(JSON.stringify(fleet));
if (fleet.Gateways !== clusters * gateways) throw new Error("not every gateway was seen");
report([{ what: "peak memory in MiB", value: process.resourceUsage().maxRSS / 1024, most: 256 }]);
