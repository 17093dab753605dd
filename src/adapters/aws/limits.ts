import { type Millis, SECOND } from "../../model/time.ts";

/** AWS' endpoints are near: a connection that takes longer has no route, as in a VPC without NAT, and packets are dropped. */
export const CONNECT_TIMEOUT: Millis = 3 * SECOND;

/** From the start of an attempt to the head of its answer. The calls made here answer in well under a second. */
export const ANSWER_TIMEOUT: Millis = 10 * SECOND;

/** Throttling and 5xx pass within moments or not at all; the next run is the better retry. */
export const MAX_ATTEMPTS = 3;

/** One call with all its attempts and waits, and the body of its answer, which the other limits leave out. */
export const CALL_TIMEOUT: Millis = 35 * SECOND;

/** What calls to AWS may take; tests use less. */
export interface AwsLimits {
  readonly connectTimeout: Millis;
  readonly answerTimeout: Millis;
  readonly callTimeout: Millis;
}

export const AWS_LIMITS: AwsLimits = {
  connectTimeout: CONNECT_TIMEOUT,
  answerTimeout: ANSWER_TIMEOUT,
  callTimeout: CALL_TIMEOUT,
};
