import { guardFunction } from "../src/lambda/function.ts";
import { readSweep } from "../src/lambda/payload.ts";
import { sweep } from "../src/lambda/sweep.ts";

/** Started by a timer: looks at every cluster and has those remediated that need it. */
export const handler = guardFunction(readSweep, sweep, import.meta.dirname);
