/**
 * `check` of 20 gateways with 3 pods each among 5,000 other pods, on a real API server:
 * as a process against a plain script, in the process against the bare requests, and how many requests it makes.
 */
import { Agent, request } from "node:https";
import pLimit from "p-limit";
import { fromContext } from "../src/adapters/kubeconfig.ts";
import { connect } from "../src/adapters/kubernetes/connect.ts";
import { loadConfig } from "../src/config/load.ts";
import { sweep } from "../src/sweep.ts";
import type { ControlPlane } from "../test/support/control-plane/control-plane.ts";
import { gatewayDeployment, gatewaySelector, gatewaySupport } from "../test/support/control-plane/manifests.ts";
import { startControlPlane } from "../test/support/control-plane/start.ts";
import { type Goal, inTurns, least, report, runNode } from "./support/measure.ts";

const GATEWAYS = 20;
const PODS = 3;
const OTHER_PODS = 5_000;
/** A line every 60 ms for the window of 140 s: about 400 kB a pod, and nearly all of the bytes that are read. */
const LOG_LINES = 2_400;
const ROUNDS = 7;
const CONCURRENCY = 16;

const ACCESS_LINE =
  '10.0.3.7 - - [22/Nov/2026:13:34:23 +0000] api.example.com "GET /v1/orders HTTP/1.1" 200 42 0.003 "-" "curl/8.5.0" 10.0.9.12:8080 200 0.002 "http://api.example.com"';

async function addGateway(cluster: ControlPlane, namespace: string, index: number): Promise<void> {
  const options = { name: `gateway-${index}`, namespace, replicas: PODS, node: `node-${(index % 3) + 1}` };
  await cluster.apply([...gatewaySupport(options), gatewayDeployment(options)]);
  const pods = await cluster.pods.ready(namespace, gatewaySelector(options.name), PODS);
  const now = Date.now();
  const lines = Array.from({ length: LOG_LINES }, (_, line) => ({
    text: ACCESS_LINE,
    at: new Date(now - 145_000 + (line * 145_000) / LOG_LINES),
  }));
  for (const { metadata } of pods)
    await cluster.logs.set({ namespace, name: metadata.name }, { container: "apisix", lines });
}

/** The paths that one `check` asked for, by the audit log. */
async function pathsOf(cluster: ControlPlane, run: () => Promise<unknown>): Promise<string[]> {
  const since = await cluster.audit.mark();
  await run();
  const events = await cluster.audit.events({ since, userAgent: "apisix-token-guard" });
  return [...new Map(events.map(({ auditID, requestURI }) => [auditID, requestURI])).values()];
}

/** The same requests with nothing around them: sent, read, thrown away. */
function bareRequests(agent: Agent, server: URL, paths: readonly string[]): Promise<unknown> {
  const limit = pLimit(CONCURRENCY);
  return Promise.all(
    paths.map((path) =>
      limit(
        () =>
          new Promise<void>((resolve, reject) => {
            request({ agent, host: server.hostname, port: server.port, path }, (response) => {
              response.resume();
              response.once("end", resolve);
            })
              .once("error", reject)
              .end();
          }),
      ),
    ),
  );
}

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await run();
  return performance.now() - started;
};

await using cluster = await startControlPlane();
const namespace = await cluster.namespace("bench");
const limit = pLimit(4);
await Promise.all(Array.from({ length: GATEWAYS }, (_, index) => limit(() => addGateway(cluster, namespace, index))));
await cluster.writeUnrelatedPods(await cluster.namespace("others"), OTHER_PODS);

const kubeconfig = cluster.kubeconfig("admin");
const { config } = await loadConfig(null);
const connection = await fromContext({ file: kubeconfig, environment: {} }, undefined);
const check = async () => {
  const [result] = await sweep(
    [
      {
        name: "bench",
        connect: async () => connect(connection),
        settings: { policy: config.policy, mode: "check", tokenLifetime: null },
      },
    ],
    { scope: config.gateways, evidence: config.evidence, at: null, now: Date.now },
  );
  if (result?.plan?.decisions.length !== GATEWAYS) throw new Error("check did not see every gateway");
};

const paths = await pathsOf(cluster, check);
const { clientCertificate } = await connection.authenticate();
const agent = new Agent({
  keepAlive: true,
  maxSockets: CONCURRENCY,
  ca: connection.ca ?? undefined,
  cert: clientCertificate?.certificate,
  key: clientCertificate?.key,
});
const server = new URL(connection.server);
const inProcess = await inTurns(
  ROUNDS,
  () => timed(check),
  () => timed(() => bareRequests(agent, server, paths)),
);
const processes = await inTurns(
  ROUNDS,
  () => runNode(["dist/cli.js", "check", "--kubeconfig", kubeconfig, "--output", "json"]),
  () => runNode(["bench/support/plain-check.mjs", kubeconfig]),
);
const help = await inTurns(
  ROUNDS,
  () => runNode(["dist/cli.js", "--help"]),
  () => runNode(["-e", "0"]),
);
agent.destroy();

const wall = (runs: readonly { seconds: number }[]) => least(runs.map(({ seconds }) => seconds));
const peak = (runs: readonly { peakMiB: number }[]) => least(runs.map(({ peakMiB }) => peakMiB));
const goals: Goal[] = [
  { what: `requests of check (${paths.length})`, value: paths.length, most: 4 + 2 * GATEWAYS + 2 * GATEWAYS * PODS },
  {
    what: `check as a process / plain script, wall (${wall(processes.a).toFixed(2)} s / ${wall(processes.b).toFixed(2)} s)`,
    value: wall(processes.a) / wall(processes.b),
    most: 0.6,
  },
  {
    what: `check as a process / plain script, memory (${peak(processes.a).toFixed(0)} MiB / ${peak(processes.b).toFixed(0)} MiB)`,
    value: peak(processes.a) / peak(processes.b),
    most: 0.75,
  },
  {
    what: `check in the process / its bare requests (${least(inProcess.a).toFixed(0)} ms / ${least(inProcess.b).toFixed(0)} ms)`,
    value: least(inProcess.a) / least(inProcess.b),
    most: 1.3,
  },
  { what: "--help / node -e 0, wall", value: wall(help.a) / wall(help.b), most: 3 },
];
report(goals);
