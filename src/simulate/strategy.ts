import type { StoredWorkload } from "./revisions.ts";
import type { SimulatedGateway } from "./state.ts";

/** How a workload rolls over, with the API's defaults and percentages resolved to pods. */
export interface Strategy {
  readonly desired: number;
  readonly surge: number;
  readonly unavailable: number;
  readonly recreate: boolean;
  readonly onDelete: boolean;
  readonly partition: number;
}

/** A Deployment rounds surge up and unavailability down (deployment_util.go, ResolveFenceposts), a DaemonSet rounds up. */
export function rulesOf({ kind, object }: StoredWorkload, gateway: SimulatedGateway): Strategy {
  const none = { surge: 0, unavailable: 1, recreate: false, onDelete: false, partition: 0 };
  switch (kind) {
    case "Deployment": {
      const { replicas: desired = 1, strategy = {} } = object.spec ?? {};
      const surge = resolve(strategy.rollingUpdate?.maxSurge ?? "25%", desired, Math.ceil);
      const unavailable = resolve(strategy.rollingUpdate?.maxUnavailable ?? "25%", desired, Math.floor);
      const stuck = surge === 0 && unavailable === 0;
      return { ...none, desired, surge, unavailable: stuck ? 1 : unavailable, recreate: strategy.type === "Recreate" };
    }
    case "DaemonSet": {
      const { updateStrategy = {} } = object.spec ?? {};
      const unavailable = resolve(updateStrategy.rollingUpdate?.maxUnavailable ?? 1, gateway.nodes, Math.ceil);
      return {
        ...none,
        desired: gateway.nodes,
        unavailable: Math.max(1, unavailable),
        onDelete: updateStrategy.type === "OnDelete",
      };
    }
    case "StatefulSet": {
      const { replicas: desired = 1, updateStrategy = {} } = object.spec ?? {};
      const partition = updateStrategy.rollingUpdate?.partition ?? 0;
      return { ...none, desired, partition, onDelete: updateStrategy.type === "OnDelete" };
    }
  }
}

function resolve(value: number | string, of: number, round: (value: number) => number): number {
  return typeof value === "number" ? value : round((Number.parseFloat(value) / 100) * of);
}
