import type { Instant } from "../../model/time.ts";
import type { GatewayFacts } from "../facts.ts";

/**
 * Whether every running container was started with Kubernetes discovery off. APISIX mounts its configuration by subPath, so a
 * container has what the ConfigMap held when it started; a later change says nothing about it.
 */
export function isDiscoveryOff(facts: GatewayFacts): boolean {
  const { config } = facts.gateway;
  return config?.ok === true && config.value.discovery.state === "off" && !configChangedSinceStart(facts);
}

/** Whether a container runs that was started before the newest change of the configuration. */
export function configChangedSinceStart({ gateway: { config }, running }: GatewayFacts): boolean {
  if (!config?.ok) return false;
  const { changedAt }: { changedAt: Instant | null } = config.value;
  return changedAt === null || running.some(({ startedAt }) => startedAt < changedAt);
}

/** How many clusters service discovery reads, as far as is known; a log line does not say which of them refused. */
export function configuredClusters({ gateway: { config } }: GatewayFacts): number {
  return config?.ok && config.value.discovery.state === "on" ? config.value.discovery.clusters.length : 1;
}
