import type { LogEvidence } from "./log.ts";
import type { TokenProbe } from "./probe.ts";
import type { Read } from "./read.ts";
import type { Instant } from "./time.ts";
import type { TokenSource } from "./token.ts";

/** A current pod of a gateway: owned by the workload, not terminating, Pending or Running. */
export interface GatewayPod {
  readonly name: string;
  readonly uid: string;
  /** API server's clock. */
  readonly createdAt: Instant | null;
  /** status.startTime: when the kubelet took the pod, by the node's clock. */
  readonly startTime: Instant | null;
  /** The label `pod-template-hash` or `controller-revision-hash`. */
  readonly revision: string | null;
  readonly node: string | null;
  /** Whether the node is Ready; null when it was not looked up. */
  readonly nodeReady: boolean | null;
  readonly ready: boolean;
  /** When the condition Ready last changed. */
  readonly readyChangedAt: Instant | null;
  /** The container that runs APISIX; null when it has no status yet or cannot be told. */
  readonly container: PodContainer | null;
  /** Its containers see the processes of others: of the pod's other containers, or of the whole node. */
  readonly sharesProcesses: boolean;
  /** Where the token in this pod's memory came from. */
  readonly token: TokenSource;
  /** null: not read, because no APISIX container runs or reading logs is turned off. */
  readonly log: Read<LogEvidence> | null;
  /** What the container itself tells of the token in its memory; null: not asked. */
  readonly probe: Read<TokenProbe> | null;
}

export interface PodContainer {
  readonly name: string;
  readonly image: string;
  /** state.running.startedAt; null while the container is waiting or has ended: then there is no token in memory. */
  readonly startedAt: Instant | null;
  readonly restartCount: number;
}
