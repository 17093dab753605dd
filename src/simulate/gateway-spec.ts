import type { Millis } from "../model/time.ts";
import type { WorkloadKind } from "../model/workload.ts";
import type { LogSource } from "./container-log.ts";

/**
 * A gateway to put into a simulated cluster, as the official chart would deploy it. Left alone it is a healthy Deployment of
 * three pods, ten days old, of a version that reads its token once.
 */
export interface GatewaySpec extends ContainerSpec {
  readonly kind?: WorkloadKind;
  readonly namespace?: string;
  readonly name?: string;
  /** For a DaemonSet, the number of nodes. */
  readonly replicas?: number;
  readonly image?: string;
  /** Of the workload itself. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly templateAnnotations?: Readonly<Record<string, string>>;
  /** By default named like the gateway. */
  readonly serviceAccount?: string;
  /** Whether its ServiceAccount may list Endpoints. */
  readonly mayDiscover?: boolean;
  /** Of a token volume in its pod template; left out: the one that Kubernetes injects (3607). */
  readonly expirationSeconds?: number;
  /** Content of `config.yaml`; null: its pods mount no ConfigMap. */
  readonly config?: string | null;
  /** By default as old as the gateway. */
  readonly configChangedAgo?: Millis;
  readonly strategy?: "RollingUpdate" | "Recreate" | "OnDelete";
  readonly maxUnavailable?: number | string;
  readonly maxSurge?: number | string;
  readonly partition?: number;
  readonly paused?: boolean;
  readonly progressDeadlineExceeded?: boolean;
  /** What differs from the gateway's own values, pod by pod; more entries than replicas are additional pods. */
  readonly pods?: readonly PodSpec[];
  readonly afterRestart?: AfterRestart;
}

export interface ContainerSpec {
  /** Age of the pod (and, of a gateway, of the workload). */
  readonly createdAgo?: Millis;
  /** Age of its running container; by default that of the pod. */
  readonly startedAgo?: Millis;
  /** The informer has been refused for so long, every 40 s. */
  readonly refusedFor?: Millis;
  /** What the container logs beside its start and a request every ten seconds. */
  readonly log?: readonly LogSource[];
  /** How old the current log file is at most, because the gateway is so busy; null: never rotated. */
  readonly logFileAge?: Millis | null;
}

export interface PodSpec extends ContainerSpec {
  /**
   * `waiting`: its container does not run (yet). `pending`: no node has it. `terminating`: runs and is being deleted. `missing`:
   * there is no such pod.
   */
  readonly state?: "running" | "waiting" | "pending" | "terminating" | "missing";
  readonly ready?: boolean;
  readonly restartCount?: number;
  /** Of the revision before the newest. */
  readonly old?: boolean;
}

/** What becomes of the pods that a restart creates. */
export interface AfterRestart {
  /** From the pod's creation until its container runs. */
  readonly startsAfter?: Millis;
  /** From then until it is Ready; null: never. */
  readonly readyAfter?: Millis | null;
  /** From its deletion until a pod is gone. */
  readonly goneAfter?: Millis;
  /** The new containers are refused, too: the cause is not the token's age. */
  readonly refused?: boolean;
}
