import { spawn } from "node:child_process";

/** What one run of a program cost. */
export interface Run {
  readonly seconds: number;
  readonly peakMiB: number;
  readonly exitCode: number;
}

/** Runs `node` with these arguments to its end; its output is read and thrown away. */
export function runNode(args: readonly string[]): Promise<Run> {
  const preload = ["--import", new URL("./usage.mjs", import.meta.url).href];
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...preload, ...args], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
    let usage = "";
    child.stdout?.resume();
    child.stderr?.resume();
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      usage += chunk;
    });
    child.once("error", reject);
    child.once("close", (exitCode) => {
      const seconds = (performance.now() - started) / 1_000;
      resolve({ seconds, exitCode: exitCode ?? -1, peakMiB: JSON.parse(usage || '{"peakMiB":0}').peakMiB });
    });
  });
}

/** Runs A and B in turns, so that a machine that gets slower or faster does so for both. */
export async function inTurns<T>(
  rounds: number,
  a: () => Promise<T>,
  b: () => Promise<T>,
): Promise<{ a: T[]; b: T[] }> {
  const results: { a: T[]; b: T[] } = { a: [], b: [] };
  for (let round = 0; round < rounds; round++) {
    results.a.push(await a());
    results.b.push(await b());
  }
  return results;
}

/** The least of a figure: what the program costs when nothing else disturbs it. */
export const least = (values: readonly number[]): number => Math.min(...values);

export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly most: number;
}

/** Prints one line per goal; the exit code says whether all were met. */
export function report(goals: readonly Goal[]): void {
  for (const { what, value, most } of goals) {
    const met = value <= most;
    console.log(`${met ? "ok  " : "MISS"} ${what}: ${value.toFixed(2)} (goal: at most ${most})`);
    if (!met) process.exitCode = 1;
  }
}
