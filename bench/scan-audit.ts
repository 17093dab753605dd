/**
 * How fast audit logs are read from files, against `grep -c` on the same bytes: `node bench/scan-audit.ts [MB]`.
 *
 * Two logs: an ordinary one with a stale token of a gateway every 4 MB, and a hostile one, every line of which is such an event. Both are
 * written to the temporary directory, one after the other, and deleted. Exit code 1: the goal for the ordinary log is missed.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditFiles } from "../src/adapters/audit-file.ts";

const GOAL = { ratio: 0.5, growthMB: 96 };
const BLOCK_BYTES = 4_000_000;
const ROUNDS = 5;
const SAMPLE_EVERY = 20;

const event = (n: number, userAgent: string, requestURI: string, annotations: object) =>
  `${JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: `ded9cd8b-4afc-4653-abe8-${String(n).padStart(12, "0")}`,
    stage: "ResponseComplete",
    requestURI,
    verb: "list",
    user: {
      username: "system:serviceaccount:edge:apisix",
      uid: "5b9a6a5e-7d1e-4a2e-9d3e-5a6b7c8d9e0f",
      groups: ["system:serviceaccounts", "system:serviceaccounts:edge", "system:authenticated"],
      extra: {
        "authentication.kubernetes.io/credential-id": ["JTI=bee98f34-4afc-4653-abe8-5d9eaefb9fef"],
        "authentication.kubernetes.io/node-name": [`ip-10-0-${n % 250}-12.eu-west-1.compute.internal`],
        "authentication.kubernetes.io/pod-name": ["apisix-5cd47455c8-pnjdj"],
        "authentication.kubernetes.io/pod-uid": [`0b1d1b1e-7d1e-4a2e-9d3e-${String(n % 97).padStart(12, "0")}`],
      },
    },
    sourceIPs: [`10.0.${n % 250}.3`],
    userAgent,
    objectRef: { resource: "endpoints", namespace: "edge", apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: "2026-11-23T08:18:56.269152Z",
    stageTimestamp: "2026-11-23T08:18:56.271152Z",
    annotations: { "authorization.k8s.io/decision": "allow", ...annotations },
  })}\n`;

const STALE = {
  "authentication.k8s.io/stale-token":
    "subject: system:serviceaccount:edge:apisix, seconds after warning threshold: 5266793",
};
const informerEvent = (n: number) =>
  event(n, "lua-resty-http/0.16.1 (Lua) ngx_lua/10027", "/api/v1/endpoints?limit=120", STALE);
const otherEvent = (n: number) =>
  event(n, "coredns/v1.33.5 (linux/amd64) kubernetes/abc1234", "/api/v1/endpoints?allowWatchBookmarks=true", {});

function writeLog(path: string, bytes: number, ordinary: (n: number) => string): void {
  let block = informerEvent(0);
  for (let n = 1; block.length < BLOCK_BYTES; n++) block += ordinary(n);
  const file = openSync(path, "w");
  for (let written = 0; written < bytes; ) written += writeSync(file, block);
  closeSync(file);
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

/** The best of a few rounds, taken in turns: a machine that gets slower does so for both. The first brings the file into memory. */
async function bestOfBoth(a: () => unknown, b: () => unknown): Promise<readonly [number, number]> {
  let best: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round++) {
    best = [Math.min(best[0], await seconds(a)), Math.min(best[1], await seconds(b))];
  }
  return best;
}

async function measure(name: string, path: string): Promise<boolean> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_EVERY);
  let bytes = 0;
  let pods = 0;
  const [grep, reader] = await bestOfBoth(
    () => spawnSync("grep", ["-c", "stale-token", path]),
    async () => {
      const answer = await (await auditFiles([path])).read({ from: 0, until: 0 });
      if (answer.ok) ({ bytes } = answer.value);
      if (answer.ok) pods = answer.value.tokens.size;
    },
  );
  clearInterval(sampling);
  const ratio = grep / reader;
  const growthMB = (peak - before) / 1e6;
  const speed = (time: number) => `${(bytes / time / 1e9).toFixed(2)} GB/s`;
  console.log(
    `${name}: ${(bytes / 1e6).toFixed(0)} MB, ${pods} pods; reader ${speed(reader)}, grep -c ${speed(grep)}, ratio ${ratio.toFixed(2)}; ` +
      `memory growth ${growthMB.toFixed(1)} MB`,
  );
  return ratio >= GOAL.ratio && growthMB < GOAL.growthMB;
}

const megabytes = Number(process.argv[2] ?? 64);
if (!(megabytes > 0)) {
  console.error("usage: node bench/scan-audit.ts [MB]   (a number above 0, default 64)");
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), "scan-audit-"));
try {
  const path = join(directory, "audit.log");
  writeLog(path, megabytes * 1e6, otherEvent);
  const reached = await measure("audit log", path);
  writeLog(path, Math.min(megabytes, 64) * 1e6, informerEvent);
  await measure("hostile audit log", path);
  process.exitCode = reached ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true });
}
