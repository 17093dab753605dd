import { parseImage, tokenReading } from "../evidence/image-version.ts";
import { isCovered } from "../evidence/log-coverage.ts";
import { noRejections, rejectionsOf } from "../evidence/rejections.ts";
import type { Rejections } from "../model/decision.ts";
import type { ClusterObservation, GatewayObservation } from "../model/observation.ts";
import type { GatewayPod } from "../model/pod.ts";
import type { DecisionSettings } from "../model/policy.ts";
import type { ReadFailure } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import { type RolloutState, rolloutState } from "../rollout/state.ts";
import { provenReload } from "./last-reload.ts";
import { learnedLifetime } from "./lifetime.ts";
import { podToken, type TokenEvidenceAround, type TokenFacts } from "./pod-token.ts";

/** When the version in a pod reads its token; `refusals-only` for a product whose behaviour over time is not known. */
export type TokenReading = ReturnType<typeof tokenReading> | "refusals-only";

/** What the evidence says about one pod. */
export interface PodFacts extends TokenFacts {
  readonly pod: GatewayPod;
  /** Start of the running APISIX container; null: none runs, so there is no token in memory. */
  readonly startedAt: Instant | null;
  readonly reading: TokenReading;
  readonly rejections: Rejections;
  readonly log: "not-read" | "covered" | "not-covered" | ReadFailure;
}

/** Everything the checks and blockers look at: computed once per gateway, from the observation alone. */
export interface GatewayFacts {
  readonly gateway: GatewayObservation;
  readonly settings: DecisionSettings;
  /** The moment that is decided for. */
  readonly now: Instant;
  /** The moment that was observed; differs from `now` when somebody asks what will be due at another time. */
  readonly observedAt: Instant;
  readonly pods: readonly PodFacts[];
  /** Pods with a running APISIX container. */
  readonly running: readonly RunningPod[];
  /** Running pods whose token is refused. */
  readonly refused: readonly RunningPod[];
  /** The running pod whose token may be refused first; null when no age is known. */
  readonly oldest: RunningPod | null;
  /** Earliest possible refusal of any token of this gateway. */
  readonly deadline: Instant | null;
  readonly rollout: RolloutState;
}

export type RunningPod = PodFacts & { readonly startedAt: Instant; readonly readAt: Instant };

/** Derives the facts about one gateway. */
export function factsOf(
  gateway: GatewayObservation,
  cluster: ClusterObservation,
  settings: DecisionSettings,
  now: Instant,
): GatewayFacts {
  const current = gateway.pods.ok ? gateway.pods.value : [];
  const learned = learnedLifetime(cluster);
  const eks = cluster.gitVersion.includes("-eks-");
  const discovers = gateway.config?.ok === true && gateway.config.value.discovery.state === "on";
  const audited = cluster.audit?.ok ? cluster.audit.value.tokens : null;
  const { namespace, template } = gateway.workload;
  const evidence = {
    eks,
    learned,
    configured: settings.tokenLifetime,
    discovers,
    audited,
    observedAt: cluster.at,
    reloadedAt: provenReload(gateway.workload.lastRestart, settings.policy),
    subject: `system:serviceaccount:${namespace}:${template.serviceAccount}`,
  };
  const pods = current.map((pod) => podFacts(pod, evidence));
  const running = pods.filter((pod): pod is RunningPod => pod.startedAt !== null);
  let oldest: RunningPod | null = null;
  for (const pod of running)
    if (deadlineOf(pod) < (oldest === null ? Number.POSITIVE_INFINITY : deadlineOf(oldest))) oldest = pod;
  return {
    gateway,
    settings,
    now,
    observedAt: cluster.at,
    pods,
    running,
    refused: running.filter((pod) => pod.rejections.refused),
    oldest,
    deadline: oldest?.token.expiresAt?.earliest ?? null,
    rollout: rolloutState(gateway.workload, current, now),
  };
}

/** The earliest moment at which this pod's token may be refused; infinite when its age is not knowable. */
export const deadlineOf = (pod: PodFacts): Instant => pod.token.expiresAt?.earliest ?? Number.POSITIVE_INFINITY;

interface ClusterEvidence extends TokenEvidenceAround {
  /** Its ConfigMap says that Kubernetes discovery is on. */
  readonly discovers: boolean;
}

function podFacts(pod: GatewayPod, evidence: ClusterEvidence): PodFacts {
  const startedAt = pod.container?.startedAt ?? null;
  const log = pod.log?.ok ? pod.log.value : null;
  return {
    pod,
    startedAt,
    reading: readingOf(pod.container?.image ?? "", evidence),
    ...podToken(pod, startedAt, evidence),
    rejections: log === null ? noRejections : rejectionsOf(log),
    log: logState(pod, startedAt),
  };
}

/**
 * API7's gateway is closed source with version numbers of its own: only what it logs can be relied on. And a version from before
 * Kubernetes discovery whose configuration turns that on is no such version: somebody numbers their own images.
 */
function readingOf(image: string, { discovers }: ClusterEvidence): TokenReading {
  if (parseImage(image).product === "api7") return "refusals-only";
  const reading = tokenReading(image);
  return reading === "no-discovery" && discovers ? "unknown" : reading;
}

function logState(pod: GatewayPod, startedAt: Instant | null): PodFacts["log"] {
  if (pod.log === null || startedAt === null) return "not-read";
  if (!pod.log.ok) return pod.log.failure;
  return isCovered(pod.log.value, startedAt) ? "covered" : "not-covered";
}
