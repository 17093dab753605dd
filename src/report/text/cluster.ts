import { type Instant, isoSeconds, MINUTE, parseInstant } from "../../model/time.ts";
import { gatewayExitCode } from "../exit-code.ts";
import { printable } from "../printable.ts";
import type { GatewayReport, Report } from "../schema.ts";
import { adviceLines } from "./advice.ts";
import { gatewayLines, isQuiet, nameOf } from "./gateway.ts";
import { alignRight, BLANK, displayWidth, type Line, NO_BREAK, wrap } from "./layout.ts";
import { BY_URGENCY, LOOKS } from "./looks.ts";
import { absolute, relative } from "./moments.ts";
import { indented, labelled, MESSAGE_LIMIT, type Page, warningLines } from "./page.ts";

const CLUSTER_LIMIT = 200;
const VERSION_LIMIT = 60;
/** A longer name does not push the others' columns to the right. */
const WIDEST_NAME = 44;

/** One cluster: what it is, what is in it, and every gateway, most urgent first. */
export function clusterLines(report: Report, page: Page): readonly Line[] {
  const now = Date.parse(report.at);
  const gateways = report.gateways.toSorted(byUrgency);
  const names = gateways.map((gateway) => displayWidth(nameOf(gateway))).filter((width) => width <= WIDEST_NAME);
  return [
    ...headingLines(report, now, page),
    ...totalLines(report, page),
    ...errorLines(report, page),
    ...warningLines(page, [...unreadLogs(gateways), ...report.warnings]),
    ...gateways.flatMap((gateway, index) => {
      const previous = gateways[index - 1];
      const close = previous !== undefined && isQuiet(previous) && isQuiet(gateway);
      return [...(close ? [] : [BLANK]), ...gatewayLines(gateway, Math.max(...names), now, page)];
    }),
    ...adviceLines(report, page),
  ];
}

/** `prod ──────────────── 2026-06-01 12:00:00 UTC`, and what time is pretended. */
export function headingLines(
  { cluster, observedAt }: Pick<Report, "cluster" | "observedAt">,
  now: Instant,
  page: Page,
): readonly Line[] {
  const { bold, dim, yellow } = page.paint;
  const seen = parseInstant(observedAt) ?? now;
  const time = `${isoSeconds(seen).slice(0, 19).replace("T", " ")} UTC`;
  const name = wrap([{ text: printable(cluster, CLUSTER_LIMIT), style: bold }], page.width);
  const rule = "─".repeat(Math.max(0, page.width - (name.at(-1)?.width ?? 0) - time.length - 3));
  const right = rule === "" ? time : `${rule} ${time}`;
  const heading = alignRight(name, { text: dim(right), width: right.length }, page.width);
  if (Math.abs(now - seen) < MINUTE) return heading;
  const text = `Decided as if it were ${absolute(now)}, ${relative(now, seen)}. Pods and refusals are those seen now.`;
  return [...heading, ...indented(page, [{ text, style: yellow }])];
}

function totalLines({ gitVersion, gateways }: Report, page: Page): readonly Line[] {
  if (gateways.length === 0) return [];
  const counts = BY_URGENCY.flatMap((verdict) => {
    const count = gateways.filter((gateway) => gateway.verdict === verdict).length;
    return count === 0 ? [] : [{ text: `${count}${NO_BREAK}${verdict}`, style: LOOKS[verdict].style(page.paint) }];
  });
  return indented(page, [
    { text: `${gateways.length}${NO_BREAK}${gateways.length === 1 ? "gateway" : "gateways"}:` },
    ...counts.map(({ text, style }, index) => ({ text: index < counts.length - 1 ? `${text},` : text, style })),
    {
      text: gitVersion === null ? "" : `(Kubernetes${NO_BREAK}${printable(gitVersion, VERSION_LIMIT)})`,
      style: page.paint.dim,
    },
  ]);
}

function errorLines({ error, gateways }: Report, page: Page): readonly Line[] {
  const { bold, red, yellow } = page.paint;
  if (error !== null) {
    return labelled(page, "error", [
      { text: `${error.code}:`, style: (text) => bold(red(text)) },
      { text: printable(error.message, MESSAGE_LIMIT) },
    ]);
  }
  if (gateways.length > 0) return [];
  const text = "No gateway was found: check the label selector and the namespaces that are looked at.";
  return indented(page, [{ text, style: yellow }]);
}

/** Said once for the cluster: it is how the run was set up, not a fault of one gateway. */
function unreadLogs(gateways: readonly GatewayReport[]): readonly string[] {
  const unread = gateways.filter(
    ({ verdict, token, rejections }) => verdict !== "unaffected" && token !== null && rejections.covered === null,
  );
  if (unread.length === 0) return [];
  const whose = unread.length === gateways.length ? "" : ` of ${unread.length} of ${gateways.length} gateways`;
  return [`Logs${whose} were not read: whether a token is refused now is not known.`];
}

const byUrgency = (a: GatewayReport, b: GatewayReport): number =>
  gatewayExitCode(b) - gatewayExitCode(a) || BY_URGENCY.indexOf(a.verdict) - BY_URGENCY.indexOf(b.verdict);
