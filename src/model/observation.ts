import type { AuditEvidence } from "./audit.ts";
import type { GatewayConfig } from "./discovery.ts";
import type { GatewayPod } from "./pod.ts";
import type { Read, ReadFailure } from "./read.ts";
import type { Instant, Millis } from "./time.ts";
import type { Revision, Workload } from "./workload.ts";

/** Everything one look at one cluster gave: the only input of the decision besides the policy. */
export interface ClusterObservation {
  readonly cluster: string;
  /** The API server's Date when the observation began: the only clock of the decision. */
  readonly at: Instant;
  /** The guard's own clock minus the API server's. */
  readonly clockSkew: Millis;
  /** `v1.33.5-eks-abc123` */
  readonly gitVersion: string;
  readonly gateways: readonly GatewayObservation[];
  /** What the API server's audit log says of their tokens; null: none was given, or no pod runs that it could tell of. */
  readonly audit: Read<AuditEvidence> | null;
  /** Lists of workloads that failed: gateways may exist that nobody saw. */
  readonly unreadKinds: readonly ReadFailure[];
  /** Argo Rollouts that match the selector; looked for only when no gateway was found. */
  readonly unsupported: readonly { readonly namespace: string; readonly kind: string; readonly name: string }[];
}

export interface GatewayObservation {
  readonly workload: Workload;
  readonly pods: Read<readonly GatewayPod[]>;
  /** The revisions of its pod template; null: not needed, because no restart of ours awaits its result. */
  readonly revisions: Read<readonly Revision[]> | null;
  /** null: not asked (`evidence.config: false`), or the pods mount no ConfigMap. */
  readonly config: Read<GatewayConfig> | null;
  /** Whether the gateway's ServiceAccount may list what its informer lists; null: not asked, since no restart is due. */
  readonly mayDiscover: Read<DiscoveryAccess> | null;
  /** When its ServiceAccount was created; null: not asked, or not known. */
  readonly accountCreatedAt: Instant | null;
}

/** What awaits the token of a new pod; `no-account`: its ServiceAccount does not exist, so that no pod would even be admitted. */
export type DiscoveryAccess = "allowed" | "denied" | "no-account";

/** Where gateways are looked for. */
export interface GatewayScope {
  /** Label selector of the workloads. */
  readonly selector: string;
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
}

/** What is read beside the workloads and their pods. */
export interface EvidenceSwitches {
  readonly logs: boolean;
  readonly config: boolean;
  /** Left out: no. */
  readonly probe?: boolean;
}
