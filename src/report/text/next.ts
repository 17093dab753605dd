import { isCure } from "../../model/decision.ts";
import { type Instant, parseInstant } from "../../model/time.ts";
import { printable } from "../printable.ts";
import type { GatewayReport } from "../schema.ts";
import type { Line } from "./layout.ts";
import { both } from "./moments.ts";
import { labelled, MESSAGE_LIMIT, type Page } from "./page.ts";

/** What came of a restart, what happens next and what holds it back. */
export function nextLines(gateway: GatewayReport, now: Instant, page: Page): readonly Line[] {
  const { action, outcome } = gateway;
  const ended = outcome === null ? [] : outcomeLines(outcome, page);
  return action === "none" && outcome !== null ? ended : [...ended, ...stepLines(gateway, now, page)];
}

const outcomeLines = ({ result, message }: NonNullable<GatewayReport["outcome"]>, page: Page): readonly Line[] =>
  labelled(page, "outcome", [
    { text: `${result}:`, style: page.paint.bold },
    { text: printable(message, MESSAGE_LIMIT) },
  ]);

function stepLines(
  { action, urgent, blockers, nextCheckAt }: GatewayReport,
  now: Instant,
  page: Page,
): readonly Line[] {
  const { bold, dim } = page.paint;
  const held = blockers.filter(({ waived }) => !waived);
  const waived = blockers.filter((blocker) => blocker.waived).map(({ reason }) => reason);
  const notes = [...(urgent ? ["urgent"] : []), ...(waived.length > 0 ? [`waives ${waived.join(", ")}`] : [])];
  const what = nextStep(action, held.length > 0) + (notes.length === 0 ? "" : ` (${notes.join("; ")})`);
  // What is cured now is looked at on the way; its age says nothing about when.
  const again = isCure(action) && held.length === 0 ? null : parseInstant(nextCheckAt);
  return [
    ...labelled(page, "next", [
      { text: again === null ? what : `${what};`, style: bold },
      { text: again === null ? "" : `check again ${again > now ? both(again, now) : "now"}`, style: dim },
    ]),
    ...held.flatMap(({ reason, message }, index) =>
      labelled(page, index === 0 ? "held by" : "", [
        { text: `${reason}:`, style: bold },
        { text: printable(message, MESSAGE_LIMIT) },
      ]),
    ),
  ];
}

function nextStep(action: GatewayReport["action"], held: boolean): string {
  switch (action) {
    case "none":
      return "nothing to do";
    case "wait":
      return "wait";
    case "alert":
      return "no restart: this needs a person";
    case "restart":
      return held ? "restart, held back" : "restart now";
    case "reload":
      return held ? "reload of its token, held back" : "reload of its token now";
  }
}
