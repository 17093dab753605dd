import type { Verdict } from "../../model/decision.ts";
import type { Palette, Style } from "./palette.ts";

/** How a verdict looks, with colour and without. */
interface Look {
  readonly sign: string;
  readonly style: (paint: Palette) => Style;
}

const red = (paint: Palette): Style => paint.red;
const yellow = (paint: Palette): Style => paint.yellow;
const green = (paint: Palette): Style => paint.green;

export const LOOKS: Readonly<Record<Verdict, Look>> = {
  rejected: { sign: "✗", style: red },
  unfixable: { sign: "✗", style: red },
  expiring: { sign: "!", style: red },
  unknown: { sign: "?", style: yellow },
  due: { sign: "●", style: yellow },
  verifying: { sign: "…", style: (paint) => paint.blue },
  healthy: { sign: "✓", style: green },
  unaffected: { sign: "–", style: green },
};

/** Most urgent first: the order in which people read, which is not the order in which verdicts are tried. */
export const BY_URGENCY = [
  "rejected",
  "unfixable",
  "expiring",
  "unknown",
  "due",
  "verifying",
  "healthy",
  "unaffected",
] as const satisfies readonly Verdict[];
