import * as z from "zod/mini";
import { nearest } from "../model/nearest.ts";
import { type Millis, SECOND } from "../model/time.ts";
import { isCalendarDate, isTimeZone } from "./calendar.ts";
import { DURATION_EXPECTED, DURATION_PATTERN, durationText, parseDuration } from "./duration.ts";
import { isSelector, LONGEST_DURATION, NAMESPACE, NAMESPACE_EXPECTED, SELECTOR, SELECTOR_EXPECTED } from "./limits.ts";

/**
 * The kinds of values in guard.yml. Every error text says what is allowed, so that it can follow the value that is not.
 */

const text = (pattern: RegExp, error: string) => z.string({ error }).check(z.regex(pattern, { error }));

/** A length of time in text; milliseconds once read. */
export const duration = (shortest: Millis = SECOND) =>
  z.pipe(
    text(DURATION_PATTERN, DURATION_EXPECTED),
    z.transform((written: string, context): Millis => {
      const millis = parseDuration(written);
      if (millis !== null && millis >= shortest && millis <= LONGEST_DURATION) return millis;
      const limits = `a length of time from ${durationText(shortest)} to ${durationText(LONGEST_DURATION)}`;
      context.issues.push({ code: "custom", message: millis === null ? DURATION_EXPECTED : limits, input: written });
      return z.NEVER;
    }),
  );

export const timeOfDay = text(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day from "00:00" to "23:59"');

const DATE_EXPECTED = "a date of the calendar such as 2026-12-24";
export const calendarDate = text(/^\d{4}-\d{2}-\d{2}$/, DATE_EXPECTED).check(
  z.refine(isCalendarDate, { error: DATE_EXPECTED, when: ({ issues }) => issues.length === 0 }),
);

const ZONE_EXPECTED = "a time zone of the IANA database such as Europe/Berlin or UTC";
export const timeZone = z
  .string({ error: ZONE_EXPECTED })
  .check(z.refine(isTimeZone, { error: ({ input }) => `${ZONE_EXPECTED}${zoneHint(input)}` }));

function zoneHint(written: unknown): string {
  const meant = typeof written === "string" ? nearest(written, Intl.supportedValuesOf("timeZone")) : null;
  return meant === null ? "" : ` (did you mean ${meant}?)`;
}

/** Regions of every partition: `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`. */
export const region = text(/^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/, "an AWS region such as eu-west-1");

export const roleArn = text(
  /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]{1,575}$/,
  "the ARN of an IAM role such as arn:aws:iam::123456789012:role/apisix-token-guard",
);

/** An EKS cluster, or a kubeconfig context, which may hold anything that is seen when printed. */
export const clusterName = text(/^[^\s\p{C}](?:[^\p{C}]{0,252}[^\s\p{C}])?$/u, "a name of 1 to 254 visible characters");

export const namespace = text(NAMESPACE, NAMESPACE_EXPECTED);

export const selector = text(SELECTOR, SELECTOR_EXPECTED).check(
  z.refine(isSelector, { error: SELECTOR_EXPECTED, when: ({ issues }) => issues.length === 0 }),
);

export const flag = z.boolean({ error: "true or false" });
