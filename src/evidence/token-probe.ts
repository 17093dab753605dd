import { decodeJwt } from "jose/jwt/decode";
import type { TokenClaims, TokenProbe } from "../model/probe.ts";
import { type Instant, type Millis, SECOND } from "../model/time.ts";

/** The first line of an answer. */
export const PROBE_MARK = "apisix-token-guard probe 1";

/** A payload is about a kilobyte; the rest are a few numbers. */
export const MAX_PROBE_BYTES = 64 * 1024;

/** USER_HZ, which is 100 on every Linux that containers run on (proc(5)). */
const TICK: Millis = SECOND / 100;

/** The shell is younger than this, or the clocks of the container are not what they seem (lxcfs replaces /proc/uptime). */
const MAX_OWN_AGE: Millis = 15 * SECOND;

const CLOCKS = "The clocks of the container contradict each other, so the age of its processes is not known.";

const LINE = /^(payload|changed|now|uptime|self|agent) (.*)$/;

/** Every kind of line with what may stand on it. */
const VALUES: Readonly<Record<string, RegExp>> = {
  payload: /^[\w-]+$/,
  changed: /^\d{1,12}$/,
  now: /^\d{1,12}$/,
  uptime: /^\d{1,12}\.\d{2}$/,
  self: /^\d{1,15}$/,
  agent: /^\d{1,15}$/,
};

/**
 * What the probe's answer says, or one sentence about why it says nothing. The answer is hostile: a container can print anything.
 * Nothing of it is repeated.
 */
export function parseProbe(output: string): TokenProbe | { readonly unusable: string } {
  const lines = linesOf(output);
  if (lines === null) return { unusable: "What the container printed is not the answer of the probe." };
  const payload = lines.get("payload")?.[0];
  if (payload === undefined) return { unusable: "The token file cannot be read in the container, or holds no JWT." };
  const claims = claimsOf(payload);
  if (claims === null) return { unusable: "The token in the file does not say when it was issued." };
  const [now, uptime, self, changed] = ["now", "uptime", "self", "changed"].map((key) => Number(lines.get(key)?.[0]));
  if (!isNumber(now) || !isNumber(uptime) || !isNumber(self)) return { unusable: CLOCKS };
  const up = Math.round(uptime * SECOND);
  const ownAge = up - self * TICK;
  if (ownAge < -TICK || ownAge > MAX_OWN_AGE) return { unusable: CLOCKS };
  const agents = lines.get("agent") ?? [];
  if (agents.length === 0) return { unusable: "No privileged agent of nginx runs in the container." };
  // After a reload the old one may linger while the new one already has its token.
  const agent = Math.max(...agents.map(Number));
  const age = up - agent * TICK;
  if (age < -TICK) return { unusable: CLOCKS };
  return {
    readAt: now * SECOND - Math.max(0, age),
    agent,
    fileChangedAt: isNumber(changed) ? changed * SECOND : null,
    claims,
  };
}

const isNumber = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);

/** The values by kind of line; null when the answer is not whole, or holds a line that is none of the probe's. */
function linesOf(output: string): ReadonlyMap<string, readonly string[]> | null {
  const [mark, ...lines] = output.split("\n");
  if (mark !== PROBE_MARK || lines.pop() !== "" || lines.pop() !== "end") return null;
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const [, kind = "", value = ""] = LINE.exec(line) ?? [];
    if (!VALUES[kind]?.test(value)) return null;
    const known = values.get(kind);
    if (known === undefined) values.set(kind, [value]);
    else if (kind === "agent") known.push(value);
    else return null;
  }
  return values;
}

/** Times and subject. A time that is not a number counts as missing; without an issue time there are no claims. */
function claimsOf(payload: string): TokenClaims | null {
  let claims: Readonly<Record<string, unknown>>;
  try {
    claims = decodeJwt(`.${payload}.`);
  } catch {
    return null;
  }
  const issuedAt = momentOf(claims.iat);
  if (issuedAt === null) return null;
  const expiresAt = momentOf(claims.exp);
  return {
    issuedAt,
    lifetime: expiresAt !== null && expiresAt > issuedAt ? expiresAt - issuedAt : null,
    subject: typeof claims.sub === "string" && claims.sub.length <= MAX_SUBJECT ? claims.sub : null,
  };
}

/** Of a ServiceAccount's: its prefix, a namespace of at most 63 and a name of at most 253 characters. */
const MAX_SUBJECT = 350;

/** The end of the year 9999: what comes later has no text form in four digits, and is no time a token has. */
const LAST_MOMENT: Instant = 253_402_300_799 * SECOND;

function momentOf(claim: unknown): Instant | null {
  if (typeof claim !== "number" || !Number.isFinite(claim)) return null;
  const moment = Math.floor(claim * SECOND);
  return moment > 0 && moment <= LAST_MOMENT ? moment : null;
}
