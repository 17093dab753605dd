import pLimit from "p-limit";
import { GuardError } from "../model/errors.ts";
import type { ClusterObservation, EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { ReadFailure } from "../model/read.ts";
import type { Cluster, Progress, ServerInfo } from "../ports.ts";
import { readAudit } from "./audit.ts";
import { observeGateway } from "./gateway.ts";
import { listRollouts, listWorkloads } from "./list.ts";

/** Requests that one cluster gets at once: enough to hide the round trips, and no burden for a busy API server. */
const MAX_REQUESTS = 16;

export interface ObserveOptions {
  readonly name: string;
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly progress?: Progress | undefined;
}

/**
 * Looks at one cluster: its gateways, their pods, logs and configuration.
 *
 * @throws GuardError when the API server cannot be asked at all; every later failure is part of the observation
 */
export async function observeCluster(cluster: Cluster, options: ObserveOptions): Promise<ClusterObservation> {
  const { name, scope, evidence, progress } = options;
  const server = await askServer(cluster, name);
  const limit = pLimit(MAX_REQUESTS);
  const { workloads, failures } = await listWorkloads(cluster, scope, server.at);
  let done = 0;
  const report = () => progress?.({ cluster: name, what: "gateways", done, total: workloads.length });
  report();
  const gateways = await Promise.all(
    workloads.map(async (workload) => {
      const observed = await observeGateway(cluster, workload, { evidence, at: server.at, limit });
      done++;
      report();
      return observed;
    }),
  );
  return {
    cluster: name,
    at: server.at,
    clockSkew: server.localAt - server.at,
    gitVersion: server.gitVersion,
    gateways,
    audit: await readAudit(cluster, gateways, server.at, options),
    unreadKinds: failures,
    // Somebody who runs only those must hear that they are not looked after.
    unsupported: workloads.length === 0 ? (await listRollouts(cluster, scope)).rollouts : [],
  };
}

/**
 * The first question to a cluster: without an answer there is no point in asking more.
 *
 * @throws GuardError `SignInFailed` or `ClusterUnreachable`
 */
export async function askServer({ workloads }: Cluster, name: string): Promise<ServerInfo> {
  const server = await workloads.server();
  if (!server.ok) throw unreachable(name, server.failure);
  return server.value;
}

function unreachable(cluster: string, { code, message }: ReadFailure): GuardError {
  const signIn = code === "Unauthorized" || code === "Forbidden";
  return new GuardError(signIn ? "SignInFailed" : "ClusterUnreachable", `Cluster ${cluster}: ${message}`, {
    fields: { cluster, failure: code },
  });
}
