import {
  CURES,
  type Cure,
  type LastRestart,
  OUTCOME_RESULTS,
  type OutcomeResult,
  type Suspicion,
} from "../model/last-restart.ts";
import { type Instant, isoSeconds, type Millis, parseInstant, SECOND } from "../model/time.ts";
import { SHORTEST_LIFETIME } from "../model/token.ts";

/** The admission policy lets no longer annotation through, so a longer one is not the guard's. */
const MAX_LENGTH = 1024;

/** As for pods that start in the future: clocks of two guards and the API server may differ that much. */
const MAX_AHEAD: Millis = 150 * SECOND;

/** The guard learns no shorter one. Believed, it would make every gateway of the cluster unfixable. */
const MIN_LIFETIME_SECONDS = SHORTEST_LIFETIME / SECOND;

/** Kubernetes allows no token to live longer (`--service-account-max-token-expiration`). */
const MAX_LIFETIME_SECONDS = 2 ** 32;

type KnownRestart = Extract<LastRestart, { state: "known" }>;

const unreadable = (why: string): LastRestart => ({ state: "unreadable", why });

/**
 * What the annotation `apisix-token-guard/last-restart` says: `{at, reason, cure, result, lifetimeSeconds, suspected:
 * {at, lifetimeSeconds}, lifetimeIfCuredSeconds, reloadFailedAt}`. Whoever may edit the workload may have written it, so nothing of it is believed
 * unchecked, and `why` never quotes it. Keys of a newer guard are passed over; all but `at` and `reason` may be missing, which means
 * null, or a restart.
 */
export function parseLastRestart(text: string | undefined, now: Instant): LastRestart {
  if (text === undefined) return { state: "none" };
  if (text.length > MAX_LENGTH) return unreadable(`It is longer than ${MAX_LENGTH} characters.`);
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return unreadable("It is not a JSON object.");
  const { at, reason, result = null, ...rest }: Record<string, unknown> = { ...value };
  const { cure = "restart", lifetimeSeconds = null, suspected: suspicion = null, lifetimeIfCuredSeconds = null } = rest;
  const { reloadFailedAt = null } = rest;

  const when = parseSeconds(at);
  if (when === null) return unreadable("Its `at` is not a time like 2026-06-01T00:00:00Z.");
  if (when > now + MAX_AHEAD) return unreadable("Its `at` lies in the future.");
  if (typeof reason !== "string" || !/^[A-Za-z]{1,64}$/.test(reason)) {
    return unreadable("Its `reason` is not a word of at most 64 letters.");
  }
  if (result !== null && !isResult(result)) return unreadable("Its `result` is not a result this guard knows.");
  if (!isCure(cure)) return unreadable("Its `cure` is not one this guard knows.");
  if (!isLifetime(lifetimeSeconds)) return unreadable(`Its \`lifetimeSeconds\` ${NO_LIFETIME}`);
  const suspected = parseSuspicion(suspicion);
  if (suspected === null && suspicion !== null)
    return unreadable("Its `suspected` is not a restart and what it showed.");
  if (!isLifetime(lifetimeIfCuredSeconds)) return unreadable(`Its \`lifetimeIfCuredSeconds\` ${NO_LIFETIME}`);
  const failedAt = reloadFailedAt === null ? null : parseSeconds(reloadFailedAt);
  if (reloadFailedAt !== null && (failedAt === null || failedAt > when)) {
    return unreadable("Its `reloadFailedAt` is not a time before it.");
  }
  return {
    state: "known",
    at: when,
    reason,
    ...(cure === "restart" ? {} : { cure }),
    result,
    lifetime: lifetimeSeconds === null ? null : lifetimeSeconds * SECOND,
    ...(suspected === null ? {} : { suspected }),
    ...(lifetimeIfCuredSeconds === null ? {} : { lifetimeIfCured: lifetimeIfCuredSeconds * SECOND }),
    ...(failedAt === null ? {} : { reloadFailedAt: failedAt }),
  };
}

/** The annotation's text. Whole seconds; a lifetime is rounded down, since acting early is the safe side. */
export function formatLastRestart(restart: Omit<KnownRestart, "state">): string {
  const { at, reason, cure = "restart", result, lifetime, suspected, lifetimeIfCured, reloadFailedAt } = restart;
  return JSON.stringify({
    at: isoSeconds(at),
    reason,
    cure: cure === "restart" ? undefined : cure,
    result,
    lifetimeSeconds: secondsOf(lifetime) ?? null,
    suspected: suspected ? { at: isoSeconds(suspected.at), lifetimeSeconds: secondsOf(suspected.lifetime) } : undefined,
    lifetimeIfCuredSeconds: secondsOf(lifetimeIfCured),
    reloadFailedAt: reloadFailedAt == null ? undefined : isoSeconds(reloadFailedAt),
  });
}

/** undefined, which JSON leaves out, where there is none. */
const secondsOf = (lifetime: Millis | null | undefined): number | undefined =>
  typeof lifetime === "number" ? Math.floor(lifetime / SECOND) : undefined;

/** As the guard writes a moment, and no other way. */
function parseSeconds(text: unknown): Instant | null {
  const moment = typeof text === "string" ? parseInstant(text) : null;
  return moment !== null && isoSeconds(moment) === text ? moment : null;
}

function parseSuspicion(value: unknown): Suspicion | null {
  if (typeof value !== "object" || value === null) return null;
  const { at, lifetimeSeconds = null }: Record<string, unknown> = { ...value };
  const when = parseSeconds(at);
  if (when === null || lifetimeSeconds === null || !isLifetime(lifetimeSeconds)) return null;
  return { at: when, lifetime: lifetimeSeconds * SECOND };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isCure = (value: unknown): value is Cure => CURES.some((cure) => cure === value);

const isResult = (value: unknown): value is OutcomeResult => OUTCOME_RESULTS.some((result) => result === value);

const NO_LIFETIME = "is not a number of seconds that a token lives and the guard could have learned.";

const isLifetime = (value: unknown): value is number | null =>
  value === null ||
  (typeof value === "number" &&
    Number.isInteger(value) &&
    value >= MIN_LIFETIME_SECONDS &&
    value <= MAX_LIFETIME_SECONDS);
