// Preloaded into a measured process: reports its peak memory when it ends, on the file descriptor meant for it.
import { writeSync } from "node:fs";

process.on("exit", () => writeSync(3, JSON.stringify({ peakMiB: process.resourceUsage().maxRSS / 1024 })));
