import { RESTARTED_AT_ANNOTATION } from "../../../src/model/annotations.ts";
import type { ClusterResult } from "../../../src/model/decision.ts";
import type { DecisionSettings } from "../../../src/model/policy.ts";
import type { Instant } from "../../../src/model/time.ts";
import { type GatewayRef, gatewayId } from "../../../src/model/workload.ts";
import type { Cluster, Restarter } from "../../../src/ports.ts";
import { refresh } from "../../../src/refresh.ts";
import { type RemediateOptions, remediate } from "../../../src/remediate.ts";
import type { WorkloadPatch } from "../../../src/rollout/patch.ts";
import type { VirtualClock } from "../../../src/simulate/clock.ts";
import { type SimulatedCluster, type SimulationOptions, simulateCluster } from "../../../src/simulate/cluster.ts";
import type { AddedGateway } from "../../../src/simulate/gateway.ts";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";
import { NOW, SETTINGS } from "../gateways.ts";

/** How the guard is run in memory; nothing here differs from one run to the next. */
export const OPTIONS = {
  name: "simulated",
  scope: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
  evidence: { logs: true, config: true },
  settings: SETTINGS,
};

/** A patch that the API server accepted. */
export interface AcceptedPatch {
  readonly at: Instant;
  readonly ref: GatewayRef;
  readonly body: WorkloadPatch;
}

export interface Scene {
  readonly cluster: SimulatedCluster;
  readonly gateways: readonly AddedGateway[];
  /** In the order in which they were accepted. */
  readonly patches: readonly AcceptedPatch[];
}

/** A cluster with gateways, that remembers what was done to it. */
export function scene(specs: readonly GatewaySpec[], over: Partial<SimulationOptions> = {}): Scene {
  const simulated = simulateCluster({ now: NOW, ...over });
  const gateways = specs.map((spec) => simulated.addGateway(spec));
  const patches: AcceptedPatch[] = [];
  const { clock } = simulated;
  const restarter: Restarter = {
    ...simulated.restarter,
    async patch(ref, body) {
      const at = clock.now();
      const answer = await simulated.restarter.patch(ref, body);
      if (answer.ok) patches.push({ at, ref, body });
      return answer;
    },
  };
  return { cluster: { ...simulated, restarter }, gateways, patches };
}

/** Patches that replaced pods, by the name of the gateway. */
export const restartsOf = ({ patches }: Scene): string[] =>
  patches.filter(({ body }) => body.spec !== undefined).map(({ ref }) => ref.name);

export interface HealOptions extends Partial<Pick<RemediateOptions, "stopAt" | "onLook" | "evidence">> {
  /** What stands between the guard and the cluster, when something does. */
  readonly through?: Cluster;
  readonly settings?: DecisionSettings;
  readonly restarter?: Restarter;
}

/** Runs `remediate` on virtual time until it is settled. */
export function heal({ cluster }: Pick<Scene, "cluster">, over: HealOptions = {}): Promise<ClusterResult> {
  const { through = cluster, ...rest } = over;
  return remediate(through, { ...healing(cluster.clock, through.restarter), ...rest });
}

/** Runs `refresh` on virtual time until that restart is settled. */
export function refreshOne(
  { cluster }: Pick<Scene, "cluster">,
  gateway: GatewayRef | undefined,
  over: HealOptions = {},
): Promise<ClusterResult> {
  const { through = cluster, ...rest } = over;
  return refresh(through, present(gateway), { ...healing(cluster.clock, through.restarter), ...rest });
}

/** Does something once, after the first look. */
export function onFirstLook(act: (result: ClusterResult) => void): (result: ClusterResult) => void {
  let looks = 0;
  return (result) => {
    if (looks++ === 0) act(result);
  };
}

function present(gateway: GatewayRef | undefined): GatewayRef {
  if (gateway === undefined) throw new Error("there is no such gateway in this scene");
  const { kind, namespace, name } = gateway;
  return { kind, namespace, name };
}

const healing = (clock: VirtualClock, restarter: Restarter): RemediateOptions => ({
  ...OPTIONS,
  restarter,
  now: clock.now,
  stopAt: null,
  sleep: async (length) => clock.advance(length),
});

/** What came of the restarts, by the name of the gateway. */
export const resultsOf = ({ outcomes }: ClusterResult): Record<string, string> =>
  Object.fromEntries(outcomes.map(({ gateway, outcome }) => [gateway.name, outcome.result]));

/** What the last look decided about a gateway. */
export const decisionOn = ({ plan }: ClusterResult, ref: GatewayRef | undefined) => {
  const decision = plan?.decisions.find(({ gateway }) => gatewayId(gateway) === gatewayId(present(ref)));
  if (decision === undefined) throw new Error(`no decision on ${ref?.name}`);
  return decision;
};

/** Runs `look` after everything that happens by the clock: between two such moments nothing changes by itself. */
export function afterEveryEvent(clock: VirtualClock, look: () => void): void {
  const { after } = clock;
  clock.after = (millis, task) =>
    after(millis, () => {
      task();
      look();
    });
}

/** Another manager of the workload takes the guard's mark out of its pod template. */
export function removeRestartedAt({ cluster }: Pick<Scene, "cluster">, gateway: GatewayRef | undefined): void {
  const { kind, namespace, name } = present(gateway);
  cluster.store.edit(kind, namespace, name, ({ spec }) => {
    delete spec?.template?.metadata?.annotations?.[RESTARTED_AT_ANNOTATION];
  });
}
