import { formatDuration } from "../../model/duration.ts";
import { type Instant, parseInstant } from "../../model/time.ts";
import { gatewayExitCode } from "../exit-code.ts";
import { printable } from "../printable.ts";
import type { GatewayReport } from "../schema.ts";
import { alignRight, displayWidth, type Line, row } from "./layout.ts";
import { barLines, type Life, lifeOf, tokenLines } from "./life.ts";
import { LOOKS } from "./looks.ts";
import { both } from "./moments.ts";
import { nextLines } from "./next.ts";
import { indented, labelled, MESSAGE_LIMIT, type Page, warningLines } from "./page.ts";
import { podLines } from "./pods.ts";

/** Namespace and name together; Kubernetes allows 63 and 253 characters. */
const NAME_LIMIT = 330;
const VERSION_LIMIT = 40;
/** Columns for what stands to the right of the name: `StatefulSet 3.12.0` and the time left. */
const KIND_COLUMNS = 34;
const VERDICT_COLUMNS = 10;

/** `namespace/name` as it is shown. */
export const nameOf = ({ namespace, name }: GatewayReport): string => printable(`${namespace}/${name}`, NAME_LIMIT);

/** A gateway that is in order takes two lines. */
export function isQuiet(gateway: GatewayReport): boolean {
  const inOrder = gateway.verdict === "healthy" || gateway.verdict === "unaffected";
  return inOrder && gatewayExitCode(gateway) === 0 && gateway.outcome === null && gateway.warnings.length === 0;
}

/** Everything a person wants to know about one gateway, the finding first. `column`: columns of the longest name around. */
export function gatewayLines(gateway: GatewayReport, column: number, now: Instant, page: Page): readonly Line[] {
  const life = lifeOf(gateway);
  const head = headLines(gateway, life, column, now, page);
  const bar = life === null ? [] : barLines(gateway, life, now, page);
  const why = indented(page, [{ text: printable(gateway.message, MESSAGE_LIMIT) }]);
  if (isQuiet(gateway)) return [...head, ...(life === null ? why : bar)];
  return [
    ...head,
    ...bar,
    ...why,
    ...nextLines(gateway, now, page),
    ...(life === null ? [] : tokenLines(gateway, life, now, page)),
    ...logLines(gateway, page),
    ...lastRestartLines(gateway, now, page),
    ...podLines(gateway, now, page),
    ...warningLines(page, gateway.warnings),
  ];
}

function headLines(
  gateway: GatewayReport,
  life: Life | null,
  column: number,
  now: Instant,
  page: Page,
): readonly Line[] {
  const { bold, dim } = page.paint;
  const { sign, style } = LOOKS[gateway.verdict];
  const colour = style(page.paint);
  const lead = {
    text: `${colour(sign)} ${bold(colour(gateway.verdict.padEnd(VERDICT_COLUMNS)))}  `,
    width: VERDICT_COLUMNS + 4,
  };
  const cell = { text: nameOf(gateway), style: bold };
  const kind = { text: `${gateway.kind} ${printable(gateway.version ?? "", VERSION_LIMIT)}`, style: dim };
  const lines = row({ lead, cell, column, room: KIND_COLUMNS }, [kind], page.width);
  const state = stateOf(gateway, life, now);
  return state === "" ? lines : alignRight(lines, { text: colour(state), width: displayWidth(state) }, page.width);
}

/** What people look for first: how long is left. */
function stateOf(gateway: GatewayReport, life: Life | null, now: Instant): string {
  if (gateway.pods.some(({ refused }) => refused)) return "refused now";
  if (gateway.verdict === "unaffected") return "";
  if (life === null) return "age not known";
  const left = life.deadline - now;
  return left > 0 ? `${formatDuration(left)} left` : `over by ${formatDuration(left)}`;
}

function logLines({ verdict, rejections }: GatewayReport, page: Page): readonly Line[] {
  if (rejections.covered !== false || verdict === "unknown") return [];
  return labelled(page, "logs", [
    { text: "do not reach back two minutes: a refusal could hide there", style: page.paint.yellow },
  ]);
}

/** Only an end that was not good: a good one, and none yet, show in the verdict. */
function lastRestartLines({ lastRestart }: GatewayReport, now: Instant, page: Page): readonly Line[] {
  const at = parseInstant(lastRestart?.at);
  const result = lastRestart?.result ?? null;
  if (at === null || result === null || result === "renewed" || result === "cured") return [];
  return labelled(page, "last", [
    { text: `${lastRestart?.cure === "reload" ? "reloaded" : "restarted"} ${both(at, now)}: ${result}` },
  ]);
}
