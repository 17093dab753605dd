import type { ClusterResult } from "./model/decision.ts";
import type { Instant } from "./model/time.ts";
import { type GatewayRef, gatewayId } from "./model/workload.ts";
import type { Cluster } from "./ports.ts";
import { CHANGE_PAUSE, reconcile } from "./reconcile.ts";
import { type RemediateOptions, remediate } from "./remediate.ts";

/** How often a refresh is decided on anew when something of a moment came in between. */
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
  for (let tries = 1; tries < MAX_TRIES; tries++) {
    const next = isOrdered(ordered, gateway) ? null : worthAnother(ordered, gateway);
    if (next === null) break;
    const pause = Math.max(0, next - ordered.at);
    if (options.stopAt !== null && options.now() + pause > options.stopAt) break;
    await options.sleep(pause);
    ordered = await reconcile(cluster, asked);
  }
  await options.onLook?.(ordered);
  if (!isOrdered(ordered, gateway)) return ordered;
  // From here on only this restart is followed: mode check starts no other.
  const followed = await remediate(cluster, { ...options, settings: { ...options.settings, mode: "check" } });
  return { ...followed, warnings: [...new Set([...ordered.warnings, ...followed.warnings])] };
}

const isOrdered = (result: ClusterResult, gateway: GatewayRef): boolean =>
  (result.plan?.restarts.some((ref) => gatewayId(ref) === gatewayId(gateway)) ?? false) && !isDenied(result, gateway);

/** Whether something came of the attempt other than a restart. An outcome with a time is that of an earlier restart. */
const isDenied = ({ outcomes }: ClusterResult, gateway: GatewayRef): boolean =>
  outcomes.some((one) => gatewayId(one.gateway) === gatewayId(gateway) && one.outcome.restartedAt === null);

/** When what held it back may be over: a refusal of a moment, or a result, also of another gateway, that this look has noted. */
function worthAnother(result: ClusterResult, gateway: GatewayRef): Instant | null {
  const { at, nextLookAt } = result;
  if (nextLookAt === null) return null;
  return isDenied(result, gateway) || nextLookAt - at <= CHANGE_PAUSE ? nextLookAt : null;
}
