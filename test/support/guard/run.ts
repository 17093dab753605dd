import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectedCluster, type ConnectOptions, connect } from "../../../src/adapters/kubernetes/connect.ts";
import type { ClusterResult } from "../../../src/model/decision.ts";
import type { DecisionSettings, Policy } from "../../../src/model/policy.ts";
import { type Millis, SECOND } from "../../../src/model/time.ts";
import type { GatewayRef } from "../../../src/model/workload.ts";
import type { Cluster as GuardedCluster } from "../../../src/ports.ts";
import { refresh } from "../../../src/refresh.ts";
import { type RemediateOptions, remediate } from "../../../src/remediate.ts";
import { buildReport } from "../../../src/report/build.ts";
import { type ExitCode, exitCode } from "../../../src/report/exit-code.ts";
import { type GatewayReport, type Report, reportSchema } from "../../../src/report/schema.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { settings } from "../gateways.ts";
import { GUARD } from "./install.ts";

/** Seconds instead of minutes and hours: nobody waits for them, and nothing of what is tested rests on their length. */
const POLICY: Partial<Policy> = { cooldown: SECOND, proofPeriod: 3 * SECOND };

/** The guard rests longer between two looks than these tests like to wait. */
const LONGEST_REST = SECOND;

export interface RunOptions {
  readonly policy?: Partial<Policy>;
  readonly rest?: Partial<DecisionSettings>;
  /** Asks the containers themselves. */
  readonly probe?: boolean;
  readonly onLook?: (report: Report) => void | Promise<void>;
  /** Ends after the first look. */
  readonly once?: boolean;
  /** Begins no new look after so long. */
  readonly stopAfter?: Millis;
  /** Rests as long as it does in earnest. */
  readonly unhurried?: boolean;
  /** Another way to the API server, or another sign-in. */
  readonly connection?: Partial<ConnectOptions>;
  /** Stands between the guard and its cluster. */
  readonly through?: (cluster: GuardedCluster) => GuardedCluster;
}

/** What a run of the guard leaves. */
export interface Run {
  readonly report: Report;
  readonly exit: ExitCode;
}

/** What a report says of one gateway; gateways are told apart by their namespaces. */
export const shown = (report: Report, { namespace }: GatewayRef): GatewayReport | undefined =>
  report.gateways.find((gateway) => gateway.namespace === namespace);

export const namespacesOf = (gateways: readonly GatewayRef[]): string[] => gateways.map(({ namespace }) => namespace);

/** Heals the gateways of these namespaces, signed in as the guard. */
export function remediateAsGuard(
  cluster: Cluster,
  namespaces: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  return run(cluster, options, (guarded) => remediate(guarded, remediateOptions(guarded, namespaces, options)));
}

/** Restarts one gateway at a person's word, signed in as the guard. */
export function refreshAsGuard(
  cluster: Cluster,
  gateway: GatewayRef,
  namespaces: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  return run(cluster, options, (guarded) => refresh(guarded, gateway, remediateOptions(guarded, namespaces, options)));
}

async function run(
  cluster: Cluster,
  { through = (same) => same, connection: way = {} }: RunOptions,
  work: (guarded: GuardedCluster) => Promise<ClusterResult>,
): Promise<Run> {
  const connection = signIn(cluster, way);
  try {
    const report = reportSchema.parse(buildReport(await work(through(connection))));
    return { report, exit: exitCode([report]) };
  } finally {
    connection.close();
  }
}

const signIn = ({ server, certificateAuthority }: Cluster, way: Partial<ConnectOptions>): ConnectedCluster =>
  connect({
    server,
    ca: certificateAuthority,
    authenticate: async () => ({ headers: { authorization: `Bearer ${GUARD.token}` } }),
    ...way,
  });

function remediateOptions(
  { restarter }: GuardedCluster,
  namespaces: readonly string[],
  { policy, rest, probe = false, onLook, once = false, stopAfter, unhurried = false }: RunOptions,
): RemediateOptions {
  return {
    name: "test",
    scope: { selector: "app.kubernetes.io/name=apisix", namespaces },
    evidence: { logs: true, config: true, probe },
    settings: settings({ ...POLICY, ...policy }, rest),
    restarter,
    sleep: (length) => sleep(unhurried ? length : Math.min(length, LONGEST_REST)),
    now: Date.now,
    stopAt: once ? 0 : stopAfter === undefined ? null : Date.now() + stopAfter,
    onLook: (result) => onLook?.(reportSchema.parse(buildReport(result))),
  };
}
