import { readGatewayConfig } from "../evidence/discovery-config.ts";
import type { GatewayConfig } from "../model/discovery.ts";
import type { KubeConfigMap } from "../model/kubernetes.ts";
import { type Read, read } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { Workload } from "../model/workload.ts";
import type { Workloads } from "../ports.ts";
import { instantOf } from "./instant.ts";

/** What a gateway's ConfigMaps say about service discovery; null when its pods mount none. */
export async function readConfig(
  workloads: Workloads,
  { namespace, template }: Workload,
): Promise<Read<GatewayConfig> | null> {
  if (template.configMaps.length === 0) return null;
  const maps = await Promise.all(template.configMaps.map((name) => workloads.configMap(namespace, name)));
  const failed = maps.find((map) => !map.ok);
  if (failed !== undefined) return failed;
  return read(
    readGatewayConfig(
      maps.flatMap((map, index) =>
        map.ok
          ? [{ name: template.configMaps[index] ?? "", keys: map.value.data ?? {}, changedAt: changedAt(map.value) }]
          : [],
      ),
    ),
  );
}

/** The newest write that the API server remembers: managedFields are touched by every change, also by one that kubectl made. */
function changedAt({ metadata }: KubeConfigMap): Instant | null {
  const times = [metadata?.creationTimestamp, ...(metadata?.managedFields ?? []).map(({ time }) => time)];
  const known = times.map(instantOf).filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}
