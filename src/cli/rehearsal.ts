import { tryCure } from "../act/try-restart.ts";
import { failedResult, type Target, visitEach } from "../fleet.ts";
import type { ClusterResult, Decision } from "../model/decision.ts";
import type { EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { Read } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import { type GatewayRef, gatewayId } from "../model/workload.ts";
import type { Cluster, Progress } from "../ports.ts";
import { reconcile } from "../reconcile.ts";

/** What is said to a restart, or a reload, that is not meant. */
export interface RehearsedRestart {
  readonly cluster: string;
  readonly gateway: GatewayRef;
  readonly action: Decision["action"];
  readonly answer: Read<null>;
}

export interface Rehearsal {
  readonly results: readonly ClusterResult[];
  readonly restarts: readonly RehearsedRestart[];
}

export interface RehearsalOptions {
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly now: () => Instant;
  readonly progress?: Progress | undefined;
}

/** Looks and decides as in earnest, in every cluster once, and asks the API server about the restarts that would come first. */
export async function rehearseEach(targets: readonly Target[], options: RehearsalOptions): Promise<Rehearsal> {
  const restarts: RehearsedRestart[] = [];
  const results = await visitEach(
    targets,
    (cluster, target) => rehearse(cluster, target, options, (restart) => restarts.push(restart)),
    failedResult(options.now),
  );
  return { results, restarts };
}

/** In one cluster. `tell` hears what the API server says. */
export async function rehearse(
  cluster: Cluster,
  { name, settings }: Pick<Target, "name" | "settings">,
  options: Omit<RehearsalOptions, "now">,
  tell: (restart: RehearsedRestart) => void,
): Promise<ClusterResult> {
  const result = await reconcile(cluster, { ...options, name, settings, at: null, restarter: null });
  for (const gateway of result.plan?.restarts ?? []) {
    const action =
      result.plan?.decisions.find((one) => gatewayId(one.gateway) === gatewayId(gateway))?.action ?? "restart";
    const answer = await tryCure(cluster, { gateway, action }, { ...options, at: result.at });
    tell({ cluster: name, gateway, action, answer });
  }
  return result;
}

/** The rehearsal in sentences. */
export function rehearsalLines({ restarts }: Pick<Rehearsal, "restarts">): readonly string[] {
  const answers = restarts.map(({ cluster, gateway: { namespace, name }, action, answer }) => {
    const who = action === "reload" ? "the API server and its pods" : "the API server";
    return answer.ok
      ? `${cluster}: ${namespace}/${name}: ${who} would accept the ${action}.`
      : `${cluster}: ${namespace}/${name}: ${who} would refuse the ${action}: ${answer.failure.message}`;
  });
  return ["dry run: nothing was changed", ...(answers.length > 0 ? answers : ["There was no restart to try."])];
}

/** 1 when a restart would fail, which the verdict alone does not tell. */
export const rehearsalCode = ({ restarts }: Pick<Rehearsal, "restarts">): 0 | 1 =>
  restarts.every(({ answer }) => answer.ok) ? 0 : 1;
