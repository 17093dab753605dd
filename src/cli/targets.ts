import { fromContext, type KubeconfigSource, listContexts } from "../adapters/kubeconfig.ts";
import { connect } from "../adapters/kubernetes/connect.ts";
import type { GuardConfig } from "../config/schema.ts";
import type { Target } from "../fleet.ts";
import { GuardError } from "../model/errors.ts";
import { nearest } from "../model/nearest.ts";
import type { DecisionSettings } from "../model/policy.ts";
import type { Millis } from "../model/time.ts";
import type { AuditLog } from "../ports.ts";
import { withoutCredentials } from "../report/without-credentials.ts";

export interface TargetOptions {
  readonly kubeconfig: KubeconfigSource;
  /** `--context`; empty: those of guard.yml, else the current one. */
  readonly contexts: readonly string[];
  /** `--lifetime` */
  readonly lifetime: Millis | null;
  /** `--audit-log`: of all the clusters, since no two have a pod of the same UID. */
  readonly audit: AuditLog | undefined;
  /** Called with what a person should know about a connection. */
  readonly warn: (warning: string) => void;
}

/**
 * The clusters to look at. A context that somebody typed must exist; one of guard.yml that does not is a failure of that
 * cluster, which the report tells.
 *
 * @throws {GuardError} `BadKubeconfig`, or `BadUsage` when nothing says which clusters
 */
export function targetsOf(config: GuardConfig, options: TargetOptions): Target[] {
  const known = listContexts(options.kubeconfig);
  for (const name of options.contexts) mustExist(name, known.names);
  return chooseContexts(config, options, known.current).map((name) => ({
    name,
    connect: async () => {
      const cluster = connect(await fromContext(options.kubeconfig, name));
      for (const warning of cluster.warnings) options.warn(`${name}: ${warning}`);
      return { ...cluster, audit: options.audit };
    },
    settings: {
      policy: config.policy,
      mode: modeOf(config, name),
      tokenLifetime: options.lifetime ?? configuredLifetime(config, name),
    },
  }));
}

function mustExist(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  const hint = meant === null ? `there are: ${known.join(", ") || "none"}` : `did you mean ${meant}?`;
  throw new GuardError("BadKubeconfig", `The kubeconfig has no context "${withoutCredentials(name)}"; ${hint}`);
}

function chooseContexts(
  { clusters }: GuardConfig,
  { contexts, warn }: TargetOptions,
  current: string | null,
): readonly string[] {
  if (contexts.length > 0) return contexts;
  const named = clusters.flatMap((cluster) => ("name" in cluster ? [cluster.name] : []));
  if (named.length < clusters.length)
    warn("clusters that guard.yml only discovers are left out: the command line knows contexts");
  if (named.length > 0) return named;
  if (clusters.length > 0)
    throw new GuardError("BadUsage", "guard.yml names no cluster by itself; give --context NAME.");
  if (current !== null) return [current];
  throw new GuardError("BadKubeconfig", "The kubeconfig marks no context as current; give --context NAME.");
}

const configured = ({ clusters }: GuardConfig, name: string) =>
  clusters.find((cluster) => "name" in cluster && cluster.name === name);

const configuredLifetime = (config: GuardConfig, name: string): Millis | null =>
  configured(config, name)?.tokenLifetime ?? null;

/** What guard.yml says of a cluster holds; of one that it does not name, whoever runs the command line has the say. */
const modeOf = (config: GuardConfig, name: string): DecisionSettings["mode"] =>
  configured(config, name)?.mode ?? "remediate";
