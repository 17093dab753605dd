import { guardFunction } from "../src/lambda/function.ts";
import { readRemediate } from "../src/lambda/payload.ts";
import { remediate } from "../src/lambda/remediate.ts";

/** Started by a sweep for one cluster: restarts what needs it, waits, proves. `{"cluster":"prod"}` */
export const handler = guardFunction(readRemediate, remediate, import.meta.dirname);
