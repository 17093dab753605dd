import type { LifetimeSource } from "../../model/decision.ts";
import { formatDuration } from "../../model/duration.ts";
import { type Instant, parseInstant } from "../../model/time.ts";
import type { GatewayReport } from "../schema.ts";
import { lifeBar } from "./bar.ts";
import { hang, type Line } from "./layout.ts";
import { LOOKS } from "./looks.ts";
import { soonOrDate, span } from "./moments.ts";
import { labelled, type Page } from "./page.ts";

const LIFETIME_FROM: Readonly<Record<LifetimeSource, string>> = {
  claims: "claims",
  configured: "configured",
  learned: "learned",
  eks: "EKS",
  projection: "requested",
  assumed: "assumed",
};

const EVIDENCE = {
  "container-start": "container start",
  reload: "its last reload",
  audit: "audit log",
  probe: "probe",
} as const;

/** Columns that brackets, indent and `86 d 12 h of 365 d (configured), due since 2026-05-05` take. */
const BESIDE_BAR = 56;
const FEWEST_CELLS = 12;
const MOST_CELLS = 36;

/** The life of the token that can be refused first. */
export interface Life {
  /** The earliest issue time that the evidence allows, and with it the earliest refusal: the edge that is acted on. */
  readonly issuedAt: Instant;
  readonly deadline: Instant;
  /** The latest refusal that the evidence allows. */
  readonly latest: Instant;
  readonly dueAt: Instant | null;
}

/** null when the age is not known, or does not matter. */
export function lifeOf({ verdict, token, dueAt }: GatewayReport): Life | null {
  const issuedAt = parseInstant(token?.issuedAt?.earliest);
  const deadline = parseInstant(token?.expiresAt?.earliest);
  const latest = parseInstant(token?.expiresAt?.latest);
  if (verdict === "unaffected" || issuedAt === null || deadline === null || latest === null) return null;
  return { issuedAt, deadline, latest, dueAt: parseInstant(dueAt) };
}

/** `[██████··|···]  61 d of 90 d (EKS), due since 2026-05-31` */
export function barLines({ verdict, token }: GatewayReport, life: Life, now: Instant, page: Page): readonly Line[] {
  const cells = Math.min(MOST_CELLS, Math.max(FEWEST_CELLS, page.width - BESIDE_BAR));
  const bar = lifeBar({ ...life, now }, cells, LOOKS[verdict].style(page.paint), page.paint);
  const from = token?.lifetimeFrom == null ? "" : ` (${LIFETIME_FROM[token.lifetimeFrom]})`;
  const age = `${formatDuration(Math.max(0, now - life.issuedAt))} of ${formatDuration(life.deadline - life.issuedAt)}${from}`;
  const due = life.dueAt === null ? "" : `, due ${life.dueAt > now ? "" : "since "}${soonOrDate(life.dueAt, now)}`;
  return hang({ text: `  ${bar}  `, width: cells + 6 }, [{ text: age + due }], page.width);
}

/** Between which moments the token is refused for the first time, and how that is known. */
export function tokenLines(
  { token }: GatewayReport,
  { deadline, latest }: Life,
  now: Instant,
  page: Page,
): readonly Line[] {
  const evidence = token?.evidence == null ? "" : ` (by ${EVIDENCE[token.evidence]})`;
  return labelled(page, "token", [
    { text: `${deadline > now ? "expires" : "expired"} ${span(deadline, latest)}${evidence}` },
  ]);
}
