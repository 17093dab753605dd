import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const FLAGS = ["--max-old-space-size=96", "--max-semi-space-size=8"];

it("a sweep over 1,000 clusters with 5 gateways each stays below 256 MB, and sees every one", async () => {
  // Ends with an error when a gateway was not seen, or too much memory was taken.
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, "bench/fleet.ts", "1000", "5"]);
  expect(stdout).toMatch(/"Gateways":5000,.*"SweepCompleted":1/);
  expect(stdout).toContain("ok   peak memory");
}, 300_000);
