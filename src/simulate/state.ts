import type { WorkloadEvent } from "../model/event.ts";
import type { Permission } from "../model/read.ts";
import type { Instant, Millis } from "../model/time.ts";
import type { GatewayRef } from "../model/workload.ts";
import type { VirtualClock } from "./clock.ts";
import type { ContainerLog } from "./container-log.ts";
import type { AfterRestart } from "./gateway-spec.ts";
import type { Refusals } from "./refusals.ts";
import type { Store } from "./store.ts";

/** Everything a simulated cluster is made of; the ports are views of it. */
export interface SimulatedState {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly refusals: Refusals;
  /** By `namespace/pod/container`. */
  readonly logs: Map<string, ContainerLog>;
  /** When nginx was last reloaded in a container, by the same. */
  readonly reloads: Map<string, Instant>;
  /** What ServiceAccounts may list, as `namespace/name resource`. */
  readonly mayList: Set<string>;
  readonly guard: GuardRights;
  /** By `namespace/name`, in the order in which they were created. */
  readonly events: Map<string, WorkloadEvent>;
  /** By `gatewayId`: what the objects of a gateway do not say. */
  readonly gateways: Map<string, SimulatedGateway>;
  readonly gitVersion: string;
  /** How long its API server accepts a token; null: for ever. */
  readonly tokenLifetime: Millis | null;
  /** The guard's own clock minus the API server's. */
  readonly clockSkew: Millis;
}

/** What the guard's identity may do beyond the published permissions. */
export interface GuardRights {
  readonly granted: Permission[];
  /** The admission policy is in force. */
  confined: boolean;
}

export interface SimulatedGateway {
  readonly ref: GatewayRef;
  /** How many nodes a DaemonSet is meant for; the other kinds say it in their spec. */
  readonly nodes: number;
  readonly afterRestart: Required<AfterRestart>;
  /** Its rollout is said to have taken too long. */
  progressDeadlineExceeded: boolean;
}

export const logKey = (namespace: string, pod: string, container: string): string => `${namespace}/${pod}/${container}`;

export const grantKey = (namespace: string, serviceAccount: string, resource: string): string =>
  `${namespace}/${serviceAccount} ${resource}`;
