import { printable } from "../printable.ts";
import type { Report } from "../schema.ts";
import { BLANK, hang, type Line } from "./layout.ts";
import { indented, MESSAGE_LIMIT, type Page } from "./page.ts";

/** More gateways than this are counted. */
const LISTED = 3;
const NAME_LIMIT = 330;

/** What people can do beyond the restarts, what helps for good first. */
export function adviceLines({ advice, gateways }: Pick<Report, "advice" | "gateways">, page: Page): readonly Line[] {
  const { bold, dim } = page.paint;
  return advice.flatMap(({ code, message, gateways: helped }, index) => [
    ...(index === 0 ? [BLANK] : []),
    ...hang(
      { text: "→ ", width: 2 },
      [
        { text: `${code}:`, style: bold },
        { text: helped.length === gateways.length ? whole(helped.length) : names(helped), style: dim },
      ],
      page.width,
    ),
    ...indented(page, [{ text: printable(message, MESSAGE_LIMIT) }]),
  ]);
}

const whole = (count: number): string => (count === 1 ? "the gateway" : `all ${count} gateways`);

function names(gateways: Report["advice"][number]["gateways"]): string {
  const more = gateways.length - LISTED;
  const shown = gateways.slice(0, LISTED).map(({ namespace, name }) => printable(`${namespace}/${name}`, NAME_LIMIT));
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
