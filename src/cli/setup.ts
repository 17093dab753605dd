import { auditFiles } from "../adapters/audit-file.ts";
import { loadConfig } from "../config/load.ts";
import type { GuardConfig } from "../config/schema.ts";
import type { Target } from "../fleet.ts";
import type { EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { Millis } from "../model/time.ts";
import { targetsOf } from "./targets.ts";

/** The options of every verb that looks at clusters, by the names of their flags. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context: readonly string[];
  readonly namespace: readonly string[];
  readonly config?: string;
  readonly lifetime?: Millis;
  /** Left out: the verb has no use for one. */
  readonly auditLog?: readonly string[];
}

/** What guard.yml, the kubeconfig and the options come to. */
export interface Setup {
  readonly config: GuardConfig;
  readonly targets: readonly Target[];
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  /** What a person should know. More come in while clusters are signed in to, so they are printed last. */
  readonly warnings: readonly string[];
}

/** @throws GuardError `BadConfig`, `BadKubeconfig` or `BadUsage`; no cluster is asked for anything yet */
export async function setUp(options: ClusterOptions): Promise<Setup> {
  const { config, warnings: ofConfig } = await loadConfig(options.config ?? null);
  const warnings = ofConfig.map((warning) => `${options.config ?? "guard.yml"}: ${warning}`);
  const auditLogs = options.auditLog ?? [];
  if (config.evidence.audit && options.auditLog?.length === 0)
    warnings.push("evidence.audit is for EKS' own logs: on the command line give --audit-log FILE");
  const targets = targetsOf(config, {
    kubeconfig: { file: options.kubeconfig ?? null, environment: process.env },
    contexts: options.context,
    lifetime: options.lifetime ?? null,
    audit: auditLogs.length === 0 ? undefined : await auditFiles(auditLogs),
    warn: (warning) => warnings.push(warning),
  });
  const scope = { ...config.gateways, ...(options.namespace.length > 0 ? { namespaces: options.namespace } : {}) };
  return { config, targets, scope, evidence: config.evidence, warnings };
}
