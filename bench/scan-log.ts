/**
 * How fast the informer scanner reads a log, against `grep -c` on the same bytes: `node bench/scan-log.ts [GB]`.
 *
 * Two logs: an ordinary access log with a refusal every 4 MB, and a hostile one, every line of which carries a forged refusal in its
 * User-Agent. Both are written to the temporary directory, one after the other, and deleted. Exit code 1: the goal for the ordinary log
 * is missed.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInformerScanner } from "../src/evidence/informer-lines.ts";

const GOAL = { ratio: 0.5, growthMB: 64 };
const BLOCK_BYTES = 4_000_000;
/** What an HTTP response usually comes in. */
const CHUNK_BYTES = 64 * 1024;
const ROUNDS = 3;

const TIME = "2026-11-23T08:17:57.827315000Z ";
const REFUSAL =
  "2026/11/23 08:17:57 [error] 57#57: *9 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, " +
  'message : {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}';
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36";

const accessLine = (n: number, userAgent: string) =>
  `${TIME}10.0.${n % 250}.${(n * 7) % 250} - - [23/Nov/2026:08:17:57 +0000] api.example.com "GET /v1/orders/${n}?page=${n % 97} ` +
  `HTTP/1.1" 200 ${n % 4096} 0.00${n % 9} "-" "${userAgent}" 10.0.9.${n % 250}:8080 200 0.002 "http://api.example.com"\n`;

function writeLog(path: string, bytes: number, userAgent: string): void {
  let block = `${TIME}${REFUSAL}\n${TIME}, context: ngx.timer\n`;
  for (let n = 0; block.length < BLOCK_BYTES; n++) block += accessLine(n, userAgent);
  const file = openSync(path, "w");
  for (let written = 0; written < bytes; ) written += writeSync(file, block);
  closeSync(file);
}

const seconds = (work: () => void): number => {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
};

/** The best of a few rounds, the first of which also brings the file into memory. */
const best = (work: () => void): number => Math.min(...Array.from({ length: ROUNDS }, () => seconds(work)));

function scan(path: string): { bytes: number; lines: number; peak: number } {
  const scanner = createInformerScanner();
  const file = openSync(path, "r");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let bytes = 0;
  let peak = 0;
  for (let length = 1, reads = 0; length > 0; bytes += length, reads++) {
    length = readSync(file, chunk, 0, CHUNK_BYTES, null);
    scanner.push(chunk.subarray(0, length));
    if (reads % 256 === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }
  closeSync(file);
  return { bytes, lines: scanner.finish().lines.length, peak };
}

function measure(name: string, path: string): boolean {
  const grep = best(() => void spawnSync("grep", ["-c", "informer_factory.lua", path]));
  const before = process.memoryUsage.rss();
  let result = { bytes: 0, lines: 0, peak: 0 };
  const scanner = best(() => {
    result = scan(path);
  });
  const ratio = grep / scanner;
  const growthMB = (result.peak - before) / 1e6;
  const speed = (time: number) => `${(result.bytes / time / 1e9).toFixed(2)} GB/s`;
  console.log(
    `${name}: ${(result.bytes / 1e9).toFixed(2)} GB, ${result.lines} refusals; scanner ${speed(scanner)}, grep -c ${speed(grep)}, ` +
      `ratio ${ratio.toFixed(2)}; memory growth ${growthMB.toFixed(1)} MB`,
  );
  return ratio >= GOAL.ratio && growthMB < GOAL.growthMB;
}

const gigabytes = Number(process.argv[2] ?? 1);
if (!(gigabytes > 0)) {
  console.error("usage: node bench/scan-log.ts [GB]   (a number above 0, default 1)");
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), "scan-log-"));
try {
  const path = join(directory, "access.log");
  writeLog(path, gigabytes * 1e9, BROWSER);
  const reached = measure("access log", path);
  writeLog(path, gigabytes * 1e9, REFUSAL.replaceAll('"', "\\x22"));
  measure("hostile access log", path);
  process.exitCode = reached ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true });
}
