import type { ClusterResult } from "./model/decision.ts";
import { type GatewayRef, gatewayId } from "./model/workload.ts";
import type { Cluster } from "./ports.ts";
import { CHANGE_PAUSE, reconcile } from "./reconcile.ts";
import { type RemediateOptions, remediate } from "./remediate.ts";

/** How often a refresh is decided on anew when somebody else changes the workload at the same moment. */
const MAX_TRIES = 3;

/**
 * Restarts one gateway now because a person says so, and follows it to its proof. Whatever holds every restart back still does;
 * nothing else of the cluster is restarted.
 *
 * @throws GuardError when the cluster cannot be asked
 */
export async function refresh(
  cluster: Cluster,
  gateway: GatewayRef,
  options: RemediateOptions,
): Promise<ClusterResult> {
  const asked = { ...options, settings: { ...options.settings, refresh: gateway }, at: null };
  let ordered = await reconcile(cluster, asked);
  for (let tries = 1; tries < MAX_TRIES && notStarted(ordered, gateway) === "conflict"; tries++) {
    await options.sleep(CHANGE_PAUSE);
    ordered = await reconcile(cluster, asked);
  }
  await options.onLook?.(ordered);
  const wasFree = ordered.plan?.restarts.some((ref) => gatewayId(ref) === gatewayId(gateway)) ?? false;
  if (!wasFree || notStarted(ordered, gateway) !== null) return ordered;
  // From here on only this restart is followed: mode check starts no other.
  const followed = await remediate(cluster, { ...options, settings: { ...options.settings, mode: "check" } });
  return { ...followed, warnings: [...new Set([...ordered.warnings, ...followed.warnings])] };
}

/** Why the restart was not ordered; null: it was. An outcome with a time is that of an earlier restart. */
const notStarted = ({ outcomes }: ClusterResult, gateway: GatewayRef) =>
  outcomes.find((one) => gatewayId(one.gateway) === gatewayId(gateway) && one.outcome.restartedAt === null)?.outcome
    .result ?? null;
