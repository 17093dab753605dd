import type { RefusedRequests } from "../model/audit.ts";
import type { AuditRecord } from "./audit-events.ts";

/** Events remembered so that none counts twice: a service that delivers logs may deliver some again, soon after. */
const MAX_REMEMBERED = 10_000;

export interface RefusalCounter {
  add(refusal: Extract<AuditRecord, { kind: "refused" }>): void;
  all(): readonly RefusedRequests[];
}

/** Counts 401 answers by what was asked for and by whom, as far as the log tells. */
export function refusalCounter(): RefusalCounter {
  const counts = new Map<string, RefusedRequests>();
  const seen = new Set<string>();
  return {
    add({ auditId, receivedAt, resource, subsystem }) {
      if (seen.has(auditId)) return;
      seen.add(auditId);
      const [oldest] = seen;
      if (seen.size > MAX_REMEMBERED && oldest !== undefined) seen.delete(oldest);
      const key = `${resource} ${subsystem}`;
      const { requests = 0, lastAt = receivedAt } = counts.get(key) ?? {};
      counts.set(key, { resource, subsystem, requests: requests + 1, lastAt: Math.max(lastAt, receivedAt) });
    },
    all: () => [...counts.values()],
  };
}
