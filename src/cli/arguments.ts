import { InvalidArgumentError } from "commander";
import { isCalendarDate } from "../config/calendar.ts";
import { DURATION_EXPECTED, durationText, parseDuration } from "../config/duration.ts";
import {
  isSelector,
  LONGEST_DURATION,
  NAMESPACE,
  NAMESPACE_EXPECTED,
  SELECTOR_EXPECTED,
  SHORTEST_TOKEN_LIFETIME,
} from "../config/limits.ts";
import { GROUP_EXPECTED, isGroup } from "../manifests/group.ts";
import type { Instant, Millis } from "../model/time.ts";

/** Readers of what stands behind the options. The errors say what is allowed; commander adds which option it is about. */

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2}))?$/;

/** A moment with its offset from UTC (RFC 3339), or a day, which begins at midnight UTC. */
export function parseAt(text: string): Instant {
  const day = MOMENT.exec(text)?.[1];
  const instant = Date.parse(text.toUpperCase());
  if (day !== undefined && isCalendarDate(day) && Number.isFinite(instant)) return instant;
  throw new InvalidArgumentError("Give a day or a moment with its offset: 2026-12-24 or 2026-12-24T18:00:00Z.");
}

export function parseLifetime(text: string): Millis {
  const millis = parseDuration(text);
  if (millis !== null && millis >= SHORTEST_TOKEN_LIFETIME && millis <= LONGEST_DURATION) return millis;
  const limits = `from ${durationText(SHORTEST_TOKEN_LIFETIME)} to ${durationText(LONGEST_DURATION)}`;
  throw new InvalidArgumentError(`Give ${DURATION_EXPECTED}, ${limits}.`);
}

export function anotherNamespace(text: string, given: readonly string[]): readonly string[] {
  if (!NAMESPACE.test(text)) throw new InvalidArgumentError(`Give ${NAMESPACE_EXPECTED}.`);
  return another(text, given);
}

/** One more of an option that may be repeated. The same one again counts once. */
export function another(text: string, given: readonly string[]): readonly string[] {
  return given.includes(notBlank(text)) ? given : [...given, text];
}

/** An option that may be repeated elsewhere, but not here. */
export function onlyOne(text: string, given: readonly string[]): readonly string[] {
  if (given.length > 0) throw new InvalidArgumentError("Give one only.");
  return another(text, given);
}

export function notBlank(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is blank.");
  return text;
}

/** A DNS subdomain (RFC 1123), as Kubernetes names workloads. */
const WORKLOAD_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** `edge/checkout` */
export function parseGateway(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = "", ...more] = text.split("/");
  if (NAMESPACE.test(namespace) && WORKLOAD_NAME.test(name) && more.length === 0) return { namespace, name };
  throw new InvalidArgumentError("Give NAMESPACE/NAME, such as edge/checkout; the kind goes into --kind.");
}

export function parseGroup(text: string): string {
  if (!isGroup(text)) throw new InvalidArgumentError(`Give ${GROUP_EXPECTED}.`);
  return text;
}

export function parseSelector(text: string): string {
  if (!isSelector(text)) throw new InvalidArgumentError(`Give ${SELECTOR_EXPECTED}.`);
  return text;
}
