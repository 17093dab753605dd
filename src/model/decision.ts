import type { Hint } from "./advice.ts";
import type { ErrorCode } from "./errors.ts";
import type { Cure, LastRestart } from "./last-restart.ts";
import type { Outcome, RestartProgress } from "./outcome.ts";
import type { Instant, Interval, Millis } from "./time.ts";
import type { GatewayRef } from "./workload.ts";

/** The verdicts in the order they are tried; the first that holds is the verdict. */
export const VERDICTS = [
  "unknown",
  "unfixable",
  "rejected",
  "unaffected",
  "expiring",
  "due",
  "verifying",
  "healthy",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why the verdict holds: a closed set, used in reports, metrics, tests and as anchors in the runbook. */
export const REASONS = [
  "PodsUnreadable",
  "NoApisixContainer",
  "NoPodRunning",
  "StartedInFuture",
  "LifetimeTooShort",
  "RefusedWhenNew",
  "RestartDidNotHelp",
  "VersionRereadsToken",
  "TokenFileUnreadable",
  "TokenIsStatic",
  "RemoteClusterRefused",
  "TokenRefused",
  "ScaledToZero",
  "VersionNotAffected",
  "DiscoveryOff",
  "NearDeadline",
  "RestartIntervalReached",
  "DeadlineApproaching",
  "LogsUnreadable",
  "LogsNotCovered",
  "AwaitingProof",
  "TokenYoung",
  "AgeNotKnowable",
] as const;
export type Reason = (typeof REASONS)[number];

export const ACTIONS = ["none", "wait", "restart", "reload", "alert"] as const;
export type Action = (typeof ACTIONS)[number];

/** Whether something is to be done to the gateway, unless a blocker holds it back. */
export const isCure = (action: Action): action is Cure => action === "restart" || action === "reload";

/** What holds a restart back. All that apply are reported. */
export const BLOCKERS = [
  "Paused",
  "OptedOut",
  "CheckOnly",
  "RolloutInProgress",
  "RolloutFailed",
  "NotFullyAvailable",
  "RiskyRestart",
  "OutsideWindow",
  "Frozen",
  "Cooldown",
  "LastRestartFailed",
  "OneAtATime",
  "CanaryNotCured",
  "FleetHold",
  "DiscoveryForbidden",
] as const;
export type BlockerReason = (typeof BLOCKERS)[number];

export interface Blocker {
  readonly reason: BlockerReason;
  readonly message: string;
  /** It applies, but does not hold the restart back now, because the restart is urgent or the policy allows it. */
  readonly waived: boolean;
}

export const TOKEN_SOURCES = ["projected", "file", "static", "unknown"] as const;
export const LIFETIME_SOURCES = ["claims", "configured", "learned", "eks", "projection", "assumed"] as const;
export type LifetimeSource = (typeof LIFETIME_SOURCES)[number];

/** How the issue time of a token was found. */
export const TOKEN_EVIDENCE = ["container-start", "reload", "audit", "probe"] as const;
export type TokenEvidence = (typeof TOKEN_EVIDENCE)[number];

/** How long a token lives and how we know. */
export interface Lifetime {
  readonly millis: Millis;
  readonly from: LifetimeSource;
}

/** What is known about the token inside one pod. */
export interface PodToken {
  readonly source: (typeof TOKEN_SOURCES)[number];
  /** null when the token is not renewed by the kubelet: its age cannot be known from the pod. */
  readonly lifetime: Lifetime | null;
  /** What `issuedAt` follows from; null when it is not known. */
  readonly evidence: TokenEvidence | null;
  readonly issuedAt: Interval | null;
  readonly expiresAt: Interval | null;
}

/** 401 records of the current container within the window of 130 s. */
export interface Rejections {
  readonly lines: number;
  readonly firstAt: Instant | null;
  readonly lastAt: Instant | null;
  /** Enough of them, spread enough and recent enough, to say that the token in memory is refused. */
  readonly refused: boolean;
  /** "failed to read token from file" stands beside them. */
  readonly tokenFileUnreadable: boolean;
}

export interface PodDecision {
  readonly name: string;
  readonly startedAt: Instant | null;
  readonly token: PodToken;
  readonly rejections: Rejections;
}

/** What should be done about one gateway, and why. */
export interface Decision {
  readonly gateway: GatewayRef;
  /** `3.9.1`, or null when the image does not tell. */
  readonly version: string | null;
  readonly verdict: Verdict;
  readonly reason: Reason;
  /** One or two sentences for a person: the finding, with its numbers, and what to do where the guard cannot. */
  readonly message: string;
  readonly action: Action;
  readonly urgent: boolean;
  /** The earliest moment at which a token of this gateway may be refused. */
  readonly deadline: Instant | null;
  /** When a routine restart becomes due; null: not by age. */
  readonly dueAt: Instant | null;
  /** The token with the earliest deadline; null when no container runs. */
  readonly token: PodToken | null;
  readonly rejections: {
    readonly lines: number;
    readonly pods: number;
    readonly perHour: number;
    readonly lastAt: Instant | null;
    /** Whether the logs of every running pod are known to cover the window; null: logs were not read. */
    readonly covered: boolean | null;
  };
  readonly blockers: readonly Blocker[];
  readonly lastRestart: LastRestart;
  /** How far the guard's last restart has come, when its result is not recorded yet. */
  readonly restart: RestartProgress;
  /** How long the cluster's tokens live, as a restart now would show if it cured; null: it would show nothing new. */
  readonly lifetimeIfCured: Millis | null;
  readonly pods: readonly PodDecision[];
  readonly warnings: readonly string[];
  readonly hints: readonly Hint[];
  /** When this verdict may change by the passing of time alone; null: not by time. */
  readonly nextCheckAt: Instant | null;
}

/** What a run means to do in one cluster: data, to be printed, refused or executed. */
export interface Plan {
  readonly cluster: string;
  readonly at: Instant;
  /** The API server's Date of the observation; differs from `at` when somebody asks what will be due at another time. */
  readonly observedAt: Instant;
  /** `v1.33.5-eks-abc123` */
  readonly gitVersion: string;
  /** Ordered by urgency: refused first, then by deadline, then by name. */
  readonly decisions: readonly Decision[];
  /**
   * The restart that comes first of those that nothing holds back now. At most one: gateways of a cluster are restarted one at a time.
   * In the result of a look that acted: those that were tried, of which an outcome says why they were not ordered.
   */
  readonly restarts: readonly GatewayRef[];
  /** Nothing of the guard's is in flight, and nothing is about to be. */
  readonly settled: boolean;
  readonly nextCheckAt: Instant | null;
  readonly warnings: readonly string[];
}

/** What came of looking at one cluster. A failure is a value, so that one cluster never spoils the report of the others. */
export interface ClusterResult {
  readonly cluster: string;
  readonly at: Instant;
  /** null: the cluster could not be observed. */
  readonly plan: Plan | null;
  /** What came of restarts in this run: of those it ordered, and of those it found ended. */
  readonly outcomes: readonly { readonly gateway: GatewayRef; readonly outcome: Outcome }[];
  /** When what this run has in flight is worth another look; null: nothing is left to wait for. */
  readonly nextLookAt: Instant | null;
  /** What went wrong beside the work and changed nothing of it. */
  readonly warnings: readonly string[];
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}
