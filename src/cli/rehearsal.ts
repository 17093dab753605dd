import { tryRestart } from "../act/try-restart.ts";
import { failedResult, type Target, visitEach } from "../fleet.ts";
import type { ClusterResult } from "../model/decision.ts";
import type { EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { Read } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { GatewayRef } from "../model/workload.ts";
import type { Cluster, Progress } from "../ports.ts";
import { reconcile } from "../reconcile.ts";

/** What the API server says to a restart that is not meant. */
export interface RehearsedRestart {
  readonly cluster: string;
  readonly gateway: GatewayRef;
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
    tell({ cluster: name, gateway, answer: await tryRestart(cluster, gateway, result.at) });
  }
  return result;
}

/** The rehearsal in sentences. */
export function rehearsalLines({ restarts }: Pick<Rehearsal, "restarts">): readonly string[] {
  const answers = restarts.map(({ cluster, gateway: { namespace, name }, answer }) =>
    answer.ok
      ? `${cluster}: ${namespace}/${name}: the API server would accept the restart.`
      : `${cluster}: ${namespace}/${name}: the API server would refuse the restart: ${answer.failure.message}`,
  );
  return ["dry run: nothing was changed", ...(answers.length > 0 ? answers : ["There was no restart to try."])];
}

/** 1 when a restart would fail, which the verdict alone does not tell. */
export const rehearsalCode = ({ restarts }: Pick<Rehearsal, "restarts">): 0 | 1 =>
  restarts.every(({ answer }) => answer.ok) ? 0 : 1;
