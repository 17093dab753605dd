import type {
  Blocker,
  BlockerReason,
  ClusterResult,
  Decision,
  Lifetime,
  Plan,
  PodDecision,
  PodToken,
  Rejections,
} from "../../src/model/decision.ts";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../src/model/time.ts";

/** The moment all samples are decided for. */
export const NOON: Instant = Date.UTC(2026, 5, 1, 12);

const EKS: Lifetime = { millis: 90 * DAY, from: "eks" };
/** Width of a token interval from the start of a container: 2886 s and 150 s of slack. */
const WIDTH = 3_036 * SECOND;
const NO_REJECTIONS: Rejections = { lines: 0, firstAt: null, lastAt: null, refused: false, tokenFileUnreadable: false };

/** A token in a container that started `age` ago. */
export function token(age: number, lifetime: Lifetime = EKS): PodToken {
  const latest = NOON - age;
  const earliest = latest - Math.min(WIDTH, lifetime.millis);
  return {
    source: "projected",
    lifetime,
    evidence: "container-start",
    issuedAt: { earliest, latest },
    expiresAt: { earliest: earliest + lifetime.millis, latest: latest + lifetime.millis },
  };
}

export const STATIC_TOKEN: PodToken = {
  source: "static",
  lifetime: null,
  evidence: null,
  issuedAt: null,
  expiresAt: null,
};

export function pod(name: string, age: number, overrides: Partial<PodDecision> = {}): PodDecision {
  return { name, startedAt: NOON - age, token: token(age), rejections: NO_REJECTIONS, ...overrides };
}

/** Refusals of one pod, the newest 12 s ago. */
export const refusals = (lines: number): Rejections => ({
  lines,
  firstAt: NOON - 12 * SECOND - (lines - 1) * 40 * SECOND,
  lastAt: NOON - 12 * SECOND,
  refused: lines > 1,
  tokenFileUnreadable: false,
});

export const blocker = (reason: BlockerReason, message: string, waived = false): Blocker => ({
  reason,
  message,
  waived,
});

/** A healthy gateway with two pods that started 20 days ago, unless told otherwise. */
export function decision(
  overrides: Partial<Decision> & { readonly name?: string; readonly namespace?: string } = {},
): Decision {
  const { name = "apisix", namespace = "shop", ...rest } = overrides;
  const shown = rest.token === undefined ? token(20 * DAY + 2 * HOUR) : rest.token;
  const issuedAt = shown?.issuedAt?.earliest ?? null;
  return {
    gateway: { namespace, kind: "Deployment", name },
    version: "3.9.1",
    verdict: "healthy",
    reason: "TokenYoung",
    message:
      "Its oldest token may be refused in 69 d 21 h at the earliest; it is due for a restart in 39 d 21 h (2026-07-11T09:09:24Z).",
    action: "none",
    urgent: false,
    deadline: shown?.expiresAt?.earliest ?? null,
    dueAt: issuedAt === null ? null : issuedAt + 60 * DAY,
    token: shown,
    rejections: { lines: 0, pods: 0, perHour: 0, lastAt: null, covered: true },
    blockers: [],
    lastRestart: { state: "none" },
    restart: { state: "none" },
    lifetimeIfCured: null,
    pods: [pod(`${name}-6d4cf56db6-4xk2p`, 20 * DAY + 2 * HOUR), pod(`${name}-6d4cf56db6-zq8vn`, 20 * DAY + HOUR)],
    warnings: [],
    hints: [],
    nextCheckAt: issuedAt === null ? null : issuedAt + 60 * DAY,
    ...rest,
  };
}

export function plan(overrides: Partial<Plan> = {}): Plan {
  const at = overrides.at ?? NOON;
  return {
    cluster: "prod",
    at,
    observedAt: at,
    gitVersion: "v1.33.5-eks-abc123",
    decisions: [decision()],
    restarts: [],
    settled: true,
    nextCheckAt: null,
    warnings: [],
    ...overrides,
  };
}

export function clusterResult(overrides: Partial<Plan> = {}): ClusterResult {
  const made = plan(overrides);
  return { cluster: made.cluster, at: made.at, plan: made, outcomes: [], nextLookAt: null, warnings: [], error: null };
}

/** A cluster that could not be looked at. */
export const unseen = (cluster: string, message = "It did not answer in 10 s."): ClusterResult => ({
  cluster,
  at: NOON,
  plan: null,
  outcomes: [],
  nextLookAt: null,
  warnings: [],
  error: { code: "ClusterUnreachable", message },
});

const checkOnly = blocker("CheckOnly", "This run only looks; remediate restarts.");

/** One gateway of every verdict, and of every way in which a report can look. */
export const SAMPLES = {
  healthy: decision(),
  rejected: decision({
    namespace: "edge",
    name: "apisix-edge",
    version: "3.9.1",
    verdict: "rejected",
    reason: "TokenRefused",
    message:
      "The API server refuses the token of 2 of 3 pods (pods apisix-edge-7b9d8c6f5-2m4xk and apisix-edge-7b9d8c6f5-hq9wz): 7 " +
      "refusals in the last two minutes, the newest 12 s ago. Its endpoints are frozen at what it last saw.",
    action: "restart",
    urgent: true,
    token: token(91 * DAY + 11 * HOUR),
    rejections: { lines: 7, pods: 2, perHour: 180, lastAt: NOON - 12 * SECOND, covered: true },
    blockers: [blocker("OutsideWindow", "The next window opens at 2026-06-06T01:00:00Z.", true)],
    pods: [
      pod("apisix-edge-7b9d8c6f5-2m4xk", 91 * DAY + 11 * HOUR, { rejections: refusals(4) }),
      pod("apisix-edge-7b9d8c6f5-hq9wz", 91 * DAY + 10 * HOUR, { rejections: refusals(3) }),
      pod("apisix-edge-7b9d8c6f5-t5r7b", 12 * DAY),
    ],
    nextCheckAt: null,
  }),
  unfixable: decision({
    namespace: "edge",
    name: "apisix-canary",
    version: "3.12.0",
    verdict: "unfixable",
    reason: "RefusedWhenNew",
    message:
      "The token of pod apisix-canary-5c9f7d8b64-p2lks is refused although the pod is younger than 12 h: a new token is refused as " +
      "well. Check that the ServiceAccount still exists, the token's audience, and the clocks.",
    action: "alert",
    token: token(2 * HOUR),
    rejections: { lines: 3, pods: 1, perHour: 90, lastAt: NOON - 12 * SECOND, covered: true },
    lastRestart: { state: "known", at: NOON - 26 * HOUR, reason: "TokenRefused", result: "refused", lifetime: null },
    pods: [pod("apisix-canary-5c9f7d8b64-p2lks", 2 * HOUR, { rejections: refusals(3) })],
    nextCheckAt: null,
  }),
  expiring: decision({
    namespace: "payments",
    name: "apisix",
    verdict: "expiring",
    reason: "NearDeadline",
    message: "Its oldest token may be refused in 3 d 11 h (2026-06-04T23:09:24Z).",
    action: "restart",
    urgent: true,
    token: token(86 * DAY + 12 * HOUR),
    blockers: [
      blocker("NotFullyAvailable", "1 of 3 pods are available; its strategy allows 0 to be missing."),
      blocker("OutsideWindow", "The next window opens at 2026-06-06T01:00:00Z.", true),
      blocker("Frozen", "A freeze holds until 2026-06-08T00:00:00Z.", true),
    ],
    rejections: { lines: 0, pods: 0, perHour: 0, lastAt: null, covered: false },
    nextCheckAt: null,
  }),
  due: decision({
    namespace: "search",
    name: "apisix",
    version: "3.11.0",
    verdict: "due",
    reason: "RestartIntervalReached",
    message: "Its oldest token is 61 d old and may be refused in 28 d 23 h (2026-06-30T11:09:24Z).",
    action: "restart",
    token: token(61 * DAY),
    blockers: [checkOnly, blocker("OutsideWindow", "The next window opens at 2026-06-06T01:00:00Z.")],
    pods: [pod("apisix-58f7c9d6b5-9w2rt", 61 * DAY), pod("apisix-58f7c9d6b5-lm3vd", 3 * DAY)],
    nextCheckAt: Date.UTC(2026, 5, 6, 1),
  }),
  verifying: decision({
    namespace: "api",
    name: "apisix",
    verdict: "verifying",
    reason: "AwaitingProof",
    message: "It was restarted at 2026-06-01T11:58:40Z; the proof that its new token is accepted is still to come.",
    action: "wait",
    token: token(70 * SECOND),
    lastRestart: { state: "known", at: NOON - 80 * SECOND, reason: "TokenRefused", result: null, lifetime: null },
    pods: [pod("apisix-76b8d5f4c9-k8s2j", 70 * SECOND), pod("apisix-76b8d5f4c9-v7n4q", 40 * SECOND)],
    nextCheckAt: NOON + MINUTE,
  }),
  unknown: decision({
    namespace: "media",
    name: "apisix-stream",
    version: null,
    verdict: "unknown",
    reason: "LogsNotCovered",
    message:
      "The log of pod apisix-stream-0 does not reach back two minutes, so a refusal could hide there. The kubelet serves only the " +
      "current file: raise containerLogMaxSize, or move the access log out of the container's output.",
    action: "alert",
    token: token(9 * DAY, { millis: 365 * DAY, from: "assumed" }),
    rejections: { lines: 0, pods: 0, perHour: 0, lastAt: null, covered: false },
    pods: [pod("apisix-stream-0", 9 * DAY)],
    warnings: [
      "Its configuration could not be read, service discovery is presumed on: grant get on configmaps in namespace media.",
    ],
    nextCheckAt: null,
  }),
  unaffected: decision({
    namespace: "next",
    name: "apisix",
    version: "3.16.0",
    verdict: "unaffected",
    reason: "VersionNotAffected",
    message: "This version reads the token file anew for every request (APISIX 3.13.0 and later).",
    dueAt: null,
    nextCheckAt: null,
  }),
  ageNotKnowable: decision({
    namespace: "legacy",
    name: "apisix",
    version: "2.15.3",
    reason: "AgeNotKnowable",
    message:
      "Its token stands in the configuration or an environment variable. Its age is not knowable; refusals in the log are watched.",
    token: STATIC_TOKEN,
    pods: [pod("apisix-0", 200 * DAY, { token: STATIC_TOKEN })],
  }),
} satisfies Record<string, Decision>;
