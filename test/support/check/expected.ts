import type { BlockerReason, LifetimeSource, Reason, Verdict } from "../../../src/model/decision.ts";
import type { ErrorCode } from "../../../src/model/errors.ts";
import { type Millis, SECOND } from "../../../src/model/time.ts";
import type { ExitCode } from "../../../src/report/exit-code.ts";
import type { Report } from "../../../src/report/schema.ts";
import type { Look } from "./look.ts";

/** A blocker as the tables write it. */
type Held = BlockerReason | `${BlockerReason}, waived`;

/** What a row of a table says about a gateway. */
export interface Expected {
  /** null, like reason: no gateway is shown. */
  readonly verdict: Verdict | null;
  readonly reason: Reason | null;
  readonly blockers: readonly Held[];
  readonly exit: ExitCode;
  readonly error: ErrorCode | null;
  /** 401 records that were found, of whatever weight. */
  readonly rejections?: number;
  readonly lifetime?: readonly [Millis, LifetimeSource];
  /** Stands in what is said to a person. */
  readonly says?: RegExp;
}

const gateway = (verdict: Verdict, reason: Reason, exit: ExitCode, more: Partial<Expected> = {}): Expected => ({
  verdict,
  reason,
  blockers: [],
  exit,
  error: null,
  ...more,
});

export const healthy = (more?: Partial<Expected>) => gateway("healthy", "TokenYoung", 0, more);
export const due = (more?: Partial<Expected>) => gateway("due", "RestartIntervalReached", 0, more);
export const expiring = (more?: Partial<Expected>) => gateway("expiring", "NearDeadline", 2, more);
export const rejected = (more?: Partial<Expected>) => gateway("rejected", "TokenRefused", 2, more);
export const unfixable = (reason: Reason, more?: Partial<Expected>) => gateway("unfixable", reason, 2, more);
export const unaffected = (reason: Reason, more?: Partial<Expected>) => gateway("unaffected", reason, 0, more);
export const unknown = (reason: Reason, more?: Partial<Expected>) => gateway("unknown", reason, 1, more);
export const verifying = (more?: Partial<Expected>) => gateway("verifying", "AwaitingProof", 0, more);

/** The cluster itself could not be looked at as a whole. */
export const noAnswer = (error: ErrorCode, more: Partial<Expected> = {}): Expected => ({
  verdict: null,
  reason: null,
  blockers: [],
  exit: 1,
  error,
  ...more,
});

/** What was found, with the fields that `expected` speaks of. */
export function found({ report, exit }: Look, expected: Expected): Readonly<Partial<Record<keyof Expected, unknown>>> {
  const [shown, ...others] = report.gateways;
  if (others.length > 0) throw new Error(`more than one gateway in ${shown?.namespace}`);
  const lifetime = shown?.token?.lifetimeSeconds;
  const from = shown?.token?.lifetimeFrom;
  const said = wordsOf(report);
  return {
    verdict: shown?.verdict ?? null,
    reason: shown?.reason ?? null,
    blockers: (shown?.blockers ?? []).map(({ reason, waived }): Held => (waived ? `${reason}, waived` : reason)),
    exit,
    error: report.error?.code ?? null,
    ...(expected.rejections === undefined ? {} : { rejections: shown?.rejections.lines ?? 0 }),
    ...(expected.lifetime === undefined ? {} : { lifetime: [(lifetime ?? Number.NaN) * SECOND, from] }),
    // Shown instead of the pattern when it does not match, so that a failure tells what was said.
    ...(expected.says === undefined ? {} : { says: expected.says.test(said) ? expected.says : said }),
  };
}

/** All that a report says in sentences. */
function wordsOf({ error, warnings, gateways }: Report): string {
  return [
    error?.message ?? "",
    ...warnings,
    ...gateways.flatMap((shown) => [shown.message, ...shown.blockers.map(({ message }) => message), ...shown.warnings]),
  ].join("\n");
}
