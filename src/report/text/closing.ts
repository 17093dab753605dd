import { exitCode, gatewayExitCode } from "../exit-code.ts";
import type { Report } from "../schema.ts";
import { hang, type Line, wrap } from "./layout.ts";
import { lifeOf } from "./life.ts";
import type { Page } from "./page.ts";

const TERM_COLUMNS = 10;

/** Explains the bar, where one is shown, and the one word that asks the reader to do something. */
export function legendLines(reports: readonly Report[], page: Page): readonly Line[] {
  const shown = reports.flatMap(({ gateways }) => gateways).filter((gateway) => lifeOf(gateway) !== null);
  if (shown.length === 0) return [];
  const assumed = shown.some(({ token }) => token?.lifetimeFrom === "assumed");
  return [
    ...term("[██·|··]", "the life of a token: █ used, | restart due, ] earliest refusal", page),
    ...(assumed ? term("assumed", "nothing tells how long tokens live: set tokenLifetime, or --lifetime", page) : []),
  ];
}

/** What the exit code says, in words. */
export function closingLines(reports: readonly Report[], { width, paint }: Page): readonly Line[] {
  const gateways = reports.flatMap((report) => report.gateways);
  const withCode = (code: number) => gateways.filter((gateway) => gatewayExitCode(gateway) === code).length;
  const due = gateways.filter(({ verdict }) => verdict === "due").length;
  const unseen = reports.filter(({ error, gateways }) => error !== null || gateways.length === 0).length;
  const open = [
    ...counted(withCode(2), "gateway needs attention", "gateways need attention"),
    ...counted(withCode(1), "gateway could not be judged", "gateways could not be judged"),
    ...counted(unseen, "cluster could not be checked", "clusters could not be checked"),
  ];
  const inOrder = ["Nothing needs attention", ...counted(due, "gateway is due", "gateways are due")];
  const sentence = reports.length === 0 ? ["No cluster was checked"] : open.length > 0 ? open : inOrder;
  const colour = { 0: paint.green, 1: paint.yellow, 2: paint.red }[exitCode(reports)];
  return wrap([{ text: `${sentence.join(", ")}.`, style: (text) => paint.bold(colour(text)) }], width);
}

const counted = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

const term = (name: string, meaning: string, { width, paint }: Page): readonly Line[] =>
  hang(
    { text: paint.dim(name.padEnd(TERM_COLUMNS)), width: TERM_COLUMNS },
    [{ text: meaning, style: paint.dim }],
    width,
  );
