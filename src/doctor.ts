import pLimit from "p-limit";
import { tryReload } from "./act/reload.ts";
import { tryRestart } from "./act/try-restart.ts";
import { excessPermissions, grantedPermissions } from "./manifests/permissions.ts";
import type { Examination, PermissionAnswer, TriedChange } from "./model/checkup.ts";
import type { Cure } from "./model/last-restart.ts";
import type { ClusterObservation, EvidenceSwitches, GatewayScope } from "./model/observation.ts";
import type { Permission, Purpose } from "./model/read.ts";
import { observeCluster } from "./observe/cluster.ts";
import { listRollouts } from "./observe/list.ts";
import type { Cluster, Progress } from "./ports.ts";

/** Questions at once: as many as one look at a cluster asks. */
const MAX_REQUESTS = 16;

export interface ExamineOptions {
  readonly name: string;
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  /** What the identity is for. */
  readonly purpose: Purpose;
  /** The functions read the log that EKS keeps in CloudWatch. */
  readonly auditInGroup: boolean;
  /** `policy.cure` of this cluster. */
  readonly cure: Cure;
  readonly progress?: Progress | undefined;
}

/**
 * Asks one cluster everything that a look, or a restart, will need, and changes nothing: what would be written goes as a dry run.
 *
 * @throws GuardError when the cluster cannot be asked at all
 */
export async function examine(cluster: Cluster, options: ExamineOptions): Promise<Examination> {
  const { purpose, scope, evidence, cure } = options;
  const observation = await observeCluster(cluster, options);
  const [needed, excess] = await Promise.all([
    askEach(cluster, neededPermissions(options)),
    askEach(
      cluster,
      placesOf(scope, observation).flatMap((place) => excessPermissions(purpose, place, evidence)),
    ),
  ]);
  const restarts = purpose === "read" ? [] : await tryRestarts(cluster, observation);
  const reloads = purpose === "read" || cure !== "reload" ? [] : await tryReloads(cluster, observation);
  const accepted = restarts.find(({ answer }) => answer.ok)?.gateway;
  const { rollouts, failures } = await listRollouts(cluster, scope);
  return {
    purpose,
    observation,
    auditSource: cluster.audit !== undefined ? "given" : options.auditInGroup ? "group" : "none",
    needed,
    excess,
    restarts,
    reloads,
    relabel: accepted === undefined ? null : { gateway: accepted, answer: await cluster.access.tryRelabel(accepted) },
    rollouts,
    rolloutFailures: failures,
  };
}

const neededPermissions = ({ purpose, scope, evidence }: ExamineOptions): readonly Permission[] =>
  grantedPermissions(purpose, scope.namespaces, evidence).filter(
    ({ resource }) => (resource !== "pods/log" || evidence.logs) && (resource !== "configmaps" || evidence.config),
  );

/** Who may do too much may do it in the whole cluster, or just where the gateways are. */
function placesOf({ namespaces }: GatewayScope, { gateways }: ClusterObservation): readonly (string | null)[] {
  const own = gateways.map(({ workload }) => workload.namespace);
  return [...new Set([...(namespaces.length === 0 ? [null] : namespaces), ...own])];
}

function askEach({ access }: Cluster, permissions: readonly Permission[]): Promise<PermissionAnswer[]> {
  const limit = pLimit(MAX_REQUESTS);
  return Promise.all(
    permissions.map((permission) => limit(async () => ({ permission, answer: await access.iMay(permission) }))),
  );
}

function tryRestarts(cluster: Cluster, { gateways, at }: ClusterObservation): Promise<TriedChange[]> {
  const limit = pLimit(MAX_REQUESTS);
  return Promise.all(
    gateways.map(({ workload: { kind, namespace, name } }) =>
      limit(async () => {
        const gateway = { kind, namespace, name };
        return { gateway, answer: await tryRestart(cluster, gateway, at) };
      }),
    ),
  );
}

function tryReloads({ exec }: Cluster, { gateways }: ClusterObservation): Promise<TriedChange[]> {
  const limit = pLimit(MAX_REQUESTS);
  const asked = gateways.filter(({ pods }) => pods.ok && pods.value.some(({ probe }) => probe?.ok));
  return Promise.all(
    asked.map((gateway) =>
      limit(async () => {
        const { kind, namespace, name } = gateway.workload;
        return { gateway: { kind, namespace, name }, answer: await tryReload(exec, gateway) };
      }),
    ),
  );
}
