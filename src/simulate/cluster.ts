import type { WorkloadEvent } from "../model/event.ts";
import type { Permission } from "../model/read.ts";
import type { Instant, Millis } from "../model/time.ts";
import type { Cluster } from "../ports.ts";
import { type VirtualClock, virtualClock } from "./clock.ts";
import type { ContainerLog } from "./container-log.ts";
import { type AddedGateway, addGateway } from "./gateway.ts";
import type { GatewaySpec } from "./gateway-spec.ts";
import { type ContainerRef, reloadContainer } from "./pod-life.ts";
import { simulatedPorts } from "./ports.ts";
import { createRefusals, type Fault } from "./refusals.ts";
import { grantKey, logKey, type SimulatedState } from "./state.ts";
import { createStore, type Store } from "./store.ts";

/** A cluster in memory, with virtual time: the ports of a real one, and what a test or the demo does to it. */
export interface SimulatedCluster extends Cluster {
  readonly clock: VirtualClock;
  /** Its objects, for whatever has no builder. */
  readonly store: Store;
  /** What the guard has left beside workloads, in order. */
  events(): readonly WorkloadEvent[];
  /** Puts a gateway with its pods, logs and revisions into the cluster, and tells the names of its pods. */
  addGateway(spec?: GatewaySpec): AddedGateway;
  setLog(pod: { namespace: string; pod: string; container: string }, log: ContainerLog): void;
  /** Reloads nginx in a container, which then has the token that is in its file now. */
  reload(container: ContainerRef): void;
  /** Lets a ServiceAccount list a resource in all namespaces. */
  allowList(namespace: string, serviceAccount: string, resource: string): void;
  /** From now on the guard's identity lacks this permission. */
  deny(permission: Permission): void;
  /** From now on the guard's identity has this permission, too. */
  grant(permission: Permission): void;
  /** From now on no admission policy confines the guard's identity. */
  liftPolicy(): void;
  /** From now on a read fails. */
  fail(fault: Fault): void;
}

export interface SimulationOptions {
  /** Where virtual time begins. */
  readonly now: Instant;
  readonly gitVersion?: string;
  /** From the start of a container until its token is refused, where nothing else is said; left out: it never is. */
  readonly tokenLifetime?: Millis;
  /** The guard's own clock minus the API server's. */
  readonly clockSkew?: Millis;
}

export function simulateCluster({
  now,
  gitVersion = "v1.33.5-eks-1a2b3c4",
  tokenLifetime,
  clockSkew = 0,
}: SimulationOptions): SimulatedCluster {
  const clock = virtualClock(now);
  const state: SimulatedState = {
    clock,
    store: createStore(clock),
    refusals: createRefusals(),
    logs: new Map(),
    reloads: new Map(),
    mayList: new Set(),
    guard: { granted: [], confined: true },
    events: new Map(),
    gateways: new Map(),
    gitVersion,
    tokenLifetime: tokenLifetime ?? null,
    clockSkew,
  };
  return {
    ...simulatedPorts(state),
    clock,
    store: state.store,
    events: () => [...state.events.values()],
    addGateway: (spec = {}) => addGateway(state, spec),
    setLog: ({ namespace, pod, container }, log) => state.logs.set(logKey(namespace, pod, container), log),
    reload: (container) => reloadContainer(state, container),
    allowList: (namespace, serviceAccount, resource) =>
      state.mayList.add(grantKey(namespace, serviceAccount, resource)),
    deny: state.refusals.deny,
    grant: (permission) => state.guard.granted.push(permission),
    liftPolicy: () => {
      state.guard.confined = false;
    },
    fail: state.refusals.fail,
  };
}
