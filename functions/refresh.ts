import { guardFunction } from "../src/lambda/function.ts";
import { readRefresh } from "../src/lambda/payload.ts";
import { refresh } from "../src/lambda/refresh.ts";

/** Started by hand: restarts one gateway now. `{"cluster":"prod","namespace":"edge","name":"checkout"}` */
export const handler = guardFunction(readRefresh, refresh, import.meta.dirname);
