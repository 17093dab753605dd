import { setTimeout } from "node:timers/promises";
import type { Sleep } from "../ports.ts";

/** Waits in real time. */
export const sleep: Sleep = async (length) => {
  await setTimeout(length);
};
