/** Builders for what was observed: a healthy gateway of one day, with overrides for what a test is about. */
import { DEFAULT_TOKEN_FILE, type GatewayConfig } from "../../src/model/discovery.ts";
import type { LogEvidence } from "../../src/model/log.ts";
import type { ClusterObservation, GatewayObservation } from "../../src/model/observation.ts";
import type { GatewayPod } from "../../src/model/pod.ts";
import type { DecisionSettings, Policy } from "../../src/model/policy.ts";
import { read } from "../../src/model/read.ts";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../src/model/time.ts";
import type { TokenSource } from "../../src/model/token.ts";
import type { RolloutFigures, Workload } from "../../src/model/workload.ts";

/** A Wednesday. */
export const NOW: Instant = Date.parse("2026-06-10T12:00:00Z");

export const POLICY: Policy = {
  cure: "restart",
  restartEvery: 60 * DAY,
  restartBefore: 30 * DAY,
  urgentBefore: 10 * DAY,
  cooldown: HOUR,
  proofPeriod: 100 * SECOND,
  windows: [],
  freeze: [],
  allowRisky: [],
};

export const SETTINGS: DecisionSettings = { policy: POLICY, mode: "remediate", tokenLifetime: null };

export const settings = (policy: Partial<Policy> = {}, rest: Partial<DecisionSettings> = {}): DecisionSettings => ({
  ...SETTINGS,
  ...rest,
  policy: { ...POLICY, ...policy },
});

/** A log that covers its window and holds nothing of the informer. */
export const quietLog = (over: Partial<LogEvidence> = {}): LogEvidence => ({
  readAt: NOW,
  window: 140 * SECOND,
  firstLineAt: NOW - 139 * SECOND,
  fileFirstLineAt: null,
  capped: false,
  bytes: 4_096,
  lines: [],
  ...over,
});

/** A log with one 401 record every 40 s, the newest ten seconds old. */
export const refusedLog = (over: Partial<LogEvidence> = {}): LogEvidence =>
  quietLog({
    lines: [90, 50, 10].map((age) => ({
      at: NOW - age * SECOND,
      failure: "unauthorized" as const,
      subsystem: "http" as const,
      pid: 57,
    })),
    ...over,
  });

/** A token that the kubelet renews, where APISIX looks unless told otherwise. */
export const projected = (expirationSeconds: number): TokenSource => ({
  kind: "projected",
  expirationSeconds,
  path: DEFAULT_TOKEN_FILE,
});

export interface PodOver extends Partial<Omit<GatewayPod, "log">> {
  /** Age of the container and, unless createdAt is given, of the pod. */
  readonly age?: number;
  readonly image?: string;
  readonly log?: LogEvidence | GatewayPod["log"];
}

export function pod({
  age = DAY,
  image = "apache/apisix:3.9.1-debian",
  log = quietLog(),
  ...over
}: PodOver = {}): GatewayPod {
  const name = over.name ?? "apisix-5d9c7-a";
  return {
    name,
    uid: `uid-${name}`,
    createdAt: NOW - age,
    startTime: NOW - age,
    revision: "5d9c7",
    node: "node-1",
    nodeReady: null,
    ready: true,
    readyChangedAt: NOW - age + MINUTE,
    container: { name: "apisix", image, startedAt: NOW - age, restartCount: 0 },
    sharesProcesses: false,
    token: projected(3_607),
    probe: null,
    ...over,
    log: log !== null && "lines" in log ? read(log) : log,
  };
}

/** A pod whose containers do not run yet. */
export const pendingPod = (over: PodOver = {}): GatewayPod =>
  pod({
    name: "apisix-5d9c7-pending",
    ready: false,
    container: { name: "apisix", image: "apache/apisix:3.9.1-debian", startedAt: null, restartCount: 0 },
    log: null,
    ...over,
  });

export interface GatewayOver {
  readonly workload?: Partial<Omit<Workload, "figures" | "template">>;
  readonly figures?: Partial<RolloutFigures>;
  readonly template?: Partial<Workload["template"]>;
  readonly pods?: readonly GatewayPod[] | GatewayObservation["pods"];
  readonly config?: GatewayConfig | GatewayObservation["config"];
  readonly revisions?: GatewayObservation["revisions"];
  readonly mayDiscover?: GatewayObservation["mayDiscover"];
  readonly accountCreatedAt?: Instant;
}

export const discoveryOn = (over: Partial<GatewayConfig> = {}): GatewayConfig => ({
  discovery: {
    state: "on",
    clusters: [{ token: { kind: "file", path: "/var/run/secrets/kubernetes.io/serviceaccount/token" } }],
  },
  apiDrivenStandalone: false,
  hidesErrors: false,
  changedAt: NOW - 400 * DAY,
  ...over,
});

export function gateway(over: GatewayOver = {}): GatewayObservation {
  const pods = over.pods ?? [pod()];
  const count = "ok" in pods ? 1 : pods.length;
  const config = over.config === undefined ? discoveryOn() : over.config;
  return {
    workload: {
      namespace: "apisix",
      kind: "Deployment",
      name: "apisix",
      uid: "uid-apisix",
      resourceVersion: "1",
      podSelector: "app.kubernetes.io/name=apisix",
      optedOut: false,
      lastRestart: { state: "none" },
      ...over.workload,
      template: {
        restartedAt: null,
        serviceAccount: "default",
        container: { name: "apisix", image: "apache/apisix:3.9.1-debian" },
        configMaps: ["apisix"],
        ...over.template,
      },
      figures: {
        strategy: "RollingUpdate",
        partition: 0,
        maxUnavailable: 1,
        paused: false,
        generation: 1,
        observedGeneration: 1,
        desired: count,
        total: count,
        updated: count,
        ready: count,
        available: count,
        deadlineExceeded: false,
        currentRevision: null,
        updateRevision: null,
        ...over.figures,
      },
    },
    pods: "ok" in pods ? pods : read(pods),
    config: config !== null && "discovery" in config ? read(config) : config,
    revisions: over.revisions ?? null,
    mayDiscover: over.mayDiscover ?? null,
    accountCreatedAt: over.accountCreatedAt ?? null,
  };
}

export const cluster = (
  gateways: readonly GatewayObservation[],
  over: Partial<ClusterObservation> = {},
): ClusterObservation => ({
  cluster: "prod",
  at: NOW,
  clockSkew: 0,
  gitVersion: "v1.33.5-eks-1a2b3c",
  gateways,
  audit: null,
  unreadKinds: [],
  unsupported: [],
  ...over,
});
