import type { AuditEvidence } from "../model/audit.ts";
import type { GatewayObservation } from "../model/observation.ts";
import type { Read } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { Cluster, Progress } from "../ports.ts";

/** Reads the audit log from the start of the oldest container that it could tell of; null: there is no log, or no such container. */
export async function readAudit(
  { audit }: Cluster,
  gateways: readonly GatewayObservation[],
  until: Instant,
  { name, progress }: { readonly name: string; readonly progress?: Progress | undefined },
): Promise<Read<AuditEvidence> | null> {
  const pods = gateways.flatMap((gateway) => (gateway.pods.ok ? gateway.pods.value : []));
  const starts = pods.flatMap(({ container, token }) =>
    token.kind === "projected" && container?.startedAt != null ? [container.startedAt] : [],
  );
  if (audit === undefined || starts.length === 0) return null;
  progress?.({ cluster: name, what: "audit logs", done: 0, total: 1 });
  return audit.read({ from: Math.min(...starts), until });
}
