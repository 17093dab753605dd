#!/usr/bin/env node
import { explain } from "../report/explain.ts";
import { tolerateClosedPipes } from "./output.ts";
import { runCommand } from "./program.ts";

tolerateClosedPipes();
// Left to Node, an error that nobody awaited is printed whole, with whatever its message and fields hold.
process.on("uncaughtException", fail);
try {
  process.exitCode = await runCommand(process.argv.slice(2));
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  process.stderr.write(`apisix-token-guard: ${explain(error)}\n`, () => process.exit(1));
}
