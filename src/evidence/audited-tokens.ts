import type { AuditedToken } from "../model/audit.ts";
import { type Millis, SECOND } from "../model/time.ts";
import type { AuditRecord } from "./audit-events.ts";

/** Issue times this close are computed from the same token: the API server's token cache, of 10 s, makes them up to 11 s too late. */
const SAME_TOKEN: Millis = 12 * SECOND;

/** Pods of one log that are remembered, those used last; gateways are counted in hundreds. */
export const MAX_PODS = 10_000;

/** Tokens of one pod, those used last: each start and each reload of APISIX brings another. */
export const MAX_TOKENS = 8;

export interface AuditedTokens {
  add(use: Extract<AuditRecord, { kind: "stale-token" }>): void;
  /** By the UID of the pod. */
  all(): ReadonlyMap<string, readonly AuditedToken[]>;
}

/** Keeps for every pod the tokens that were used in it. The order of the events, and their repetition, do not matter. */
export function auditedTokens(): AuditedTokens {
  const pods = new Map<string, readonly AuditedToken[]>();
  return {
    add({ podUid, issuedAt, receivedAt }) {
      const known = pods.get(podUid) ?? [];
      const isSame = (token: AuditedToken) => Math.abs(token.issuedAt - issuedAt) <= SAME_TOKEN;
      const same = [...known.filter(isSame), { issuedAt, usedAt: receivedAt }];
      const one = {
        // The least is the nearest to the truth: a cache makes it later only.
        issuedAt: Math.min(...same.map((token) => token.issuedAt)),
        usedAt: Math.max(...same.map(({ usedAt }) => usedAt)),
      };
      const tokens = [...known.filter((token) => !isSame(token)), one].sort((a, b) => b.usedAt - a.usedAt);
      // Taken out first, so that the pods stand in the order of their last event.
      pods.delete(podUid);
      pods.set(podUid, tokens.slice(0, MAX_TOKENS));
      const [longestUnused] = pods.keys();
      if (pods.size > MAX_PODS && longestUnused !== undefined) pods.delete(longestUnused);
    },
    all: () => pods,
  };
}
