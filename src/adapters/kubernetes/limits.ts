import { type Millis, SECOND } from "../../model/time.ts";

/**
 * From a socket until the request is sent: name resolution, TCP, TLS. A healthy API server takes milliseconds; a packet that
 * a security group drops is sent again after 1, 3 and 7 s, so 10 s lets a slow network through and a closed one not.
 */
export const CONNECT_TIMEOUT: Millis = 10 * SECOND;

/**
 * From the request to the head of the answer, and once more for its body. A list of 6,000 pods takes 0.8 s; an overloaded
 * API server ends a request by itself after 60 s, and a guard that waits that long for each of its reads gets nowhere.
 */
export const ANSWER_TIMEOUT: Millis = 30 * SECOND;

/** For what nobody waits for: an event says what is noted on the workload as well, and the next look matters more. */
export const EVENT_TIMEOUT: Millis = 3 * SECOND;

/** One page of 500 pods is about 2 MB; 64 MiB is an answer nobody wants in the memory of a function of 256 MB. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** As kubectl and the informers do: small enough for the API server, and most clusters' gateways fit on one page. */
export const PAGE_SIZE = 500;

/** 100,000 objects at 500 a page: a server that goes on for longer is looping. */
export const MAX_PAGES = 200;

/** Sockets of one cluster: enough to hide round trips, few enough to stay one flow among many at the API server. */
export const MAX_SOCKETS = 16;

/** Idle sockets are given up before load balancers do so silently (AWS' classic ones after 60 s). */
export const IDLE_SOCKET_TIMEOUT: Millis = 45 * SECOND;

/** A read that the server put off (429, 503 with Retry-After) is tried again so often … */
export const MAX_RETRIES = 2;
/** … as long as the waits do not add up to more than this: the next sweep is a better retry than a long wait. */
export const MAX_RETRY_WAIT: Millis = 10 * SECOND;

/** What may take time or room; tests use smaller ones. */
export interface Limits {
  readonly connectTimeout: Millis;
  readonly answerTimeout: Millis;
  readonly maxBodyBytes: number;
  readonly pageSize: number;
}

export const LIMITS: Limits = {
  connectTimeout: CONNECT_TIMEOUT,
  answerTimeout: ANSWER_TIMEOUT,
  maxBodyBytes: MAX_BODY_BYTES,
  pageSize: PAGE_SIZE,
};
