import { DEFAULT_SELECTOR } from "../model/gateway-selector.ts";
import { parseLabelSelector } from "../model/label-selector.ts";
import { DAY, MINUTE, type Millis } from "../model/time.ts";

/** What is allowed in guard.yml and on the command line alike. */

/** Kubernetes issues no token for less (TokenRequest expirationSeconds >= 600), so none can live shorter. */
export const SHORTEST_TOKEN_LIFETIME: Millis = 10 * MINUTE;

/** Far beyond any token, and small enough to keep every date a date. */
export const LONGEST_DURATION: Millis = 3_650 * DAY;

/** A DNS label (RFC 1123), as Kubernetes names namespaces. */
export const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const NAMESPACE_EXPECTED = "the name of a namespace: at most 63 of a-z, 0-9 and -";

/** The alphabet of label selectors. Blank would select every workload of the cluster. */
export const SELECTOR = /^ *[\w!][\w./!=(), -]{0,1000}$/;
export const SELECTOR_EXPECTED = `a label selector such as ${DEFAULT_SELECTOR}`;
export const isSelector = (text: string): boolean => SELECTOR.test(text) && parseLabelSelector(text) !== null;
