import { DAY, type Instant, type Millis } from "../../../src/model/time.ts";
import type { WorkloadKind } from "../../../src/model/workload.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import type { GatewayOptions } from "../control-plane/manifests.ts";
import { ageConfigMap, agePod } from "./ageing.ts";
import type { Change } from "./changes.ts";
import { type GatewayLog, quiet } from "./gateway-logs.ts";
import { GATEWAY, type PlacedGateway, placeGateway, type Stuck } from "./placed-gateway.ts";

/** Older than every pod of these tests. */
const OLD_CONFIG = 400 * DAY;

/** A gateway and its history. Without a word: a Deployment with two pods, a day old, whose log is quiet. */
export interface Scenario extends Omit<GatewayOptions, "name" | "namespace" | "replicas" | "podAnnotations"> {
  readonly kind?: WorkloadKind;
  readonly replicas?: number;
  /** Of pods and containers; a list for the pods in the order of their names, those left out are young. */
  readonly age?: Millis | readonly Millis[];
  /** A list for the pods in the order of their names, those left out are quiet. */
  readonly log?: GatewayLog | readonly GatewayLog[];
  /** When the ConfigMap was last changed, at first. */
  readonly configAge?: Millis;
  readonly stuck?: Stuck;
  /** Whether its ServiceAccount may list endpoints; it may unless told otherwise. */
  readonly mayDiscover?: boolean;
  /** In the end, when everything is old. */
  readonly change?: Change;
}

/** Makes a scenario true; the logs end at the moment it resolves. */
export async function arrange(cluster: Cluster, namespace: string, scenario: Scenario): Promise<void> {
  const {
    kind = "Deployment",
    replicas = 2,
    age = DAY,
    log = quiet,
    configAge,
    stuck,
    mayDiscover,
    change,
    ...options
  } = scenario;
  const placed = await placeGateway(cluster, namespace, {
    kind,
    replicas,
    options,
    stuck: stuck ?? null,
    mayDiscover: mayDiscover ?? true,
  });
  const now = Date.now();
  const ageOf = (index: number): Millis => (typeof age === "number" ? age : (age[index] ?? 0));
  await Promise.all([
    ageConfigMap(cluster, { namespace, name: GATEWAY }, now - (configAge ?? OLD_CONFIG)),
    ...(await placed.pods()).map(({ metadata: { name } }, index) =>
      agePod(cluster, { namespace, name }, now - ageOf(index)),
    ),
  ]);
  await change?.(placed, now);
  await writeLogs(placed, log);
}

async function writeLogs(
  { cluster, namespace, pods }: PlacedGateway,
  log: NonNullable<Scenario["log"]>,
): Promise<void> {
  const now: Instant = Date.now();
  await Promise.all(
    (await pods()).map(async ({ metadata: { name }, status }, index) => {
      const apisix = status.containerStatuses?.find((container) => container.name === "apisix");
      const startedAt = apisix?.state.running?.startedAt;
      if (startedAt === undefined) return;
      const write = typeof log === "function" ? log : (log[index] ?? quiet);
      const { lines, previous } = write({ startedAt: Date.parse(startedAt), now });
      const inOrder = [...lines].sort((a, b) => a.at.getTime() - b.at.getTime());
      if (previous)
        await cluster.logs.set({ namespace, name }, { container: "apisix", lines: previous, previous: true });
      await cluster.logs.set({ namespace, name }, { container: "apisix", lines: inOrder });
    }),
  );
}
