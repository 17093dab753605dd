/** A cluster whose every answer carries canaries, beside what the guard reads of it. */
import { RELOAD_SCRIPT } from "../../../src/evidence/reload-script.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION, SKIP_ANNOTATION } from "../../../src/model/annotations.ts";
import { DAY, HOUR, type Instant, isoSeconds, MINUTE, SECOND } from "../../../src/model/time.ts";
import type { Cluster, Exec, PodLogs } from "../../../src/ports.ts";
import { type SimulatedCluster, simulateCluster } from "../../../src/simulate/cluster.ts";
import { type LogSource, repeated } from "../../../src/simulate/container-log.ts";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";
import { CANARIES } from "./inventory.ts";

/** A Thursday afternoon. */
export const NOW: Instant = Date.parse("2026-06-11T14:00:00Z");

/** As the chart renders it, with all that is secret in it. `client` is that of `discovery.kubernetes`. */
export const configWith = (client: string): string => `apisix:
  node_listen: 9080
  data_encryption: { keyring: [${CANARIES.keyring}] }
deployment:
  admin: { admin_key: [{ name: admin, key: ${CANARIES.adminKey}, role: admin }] }
  etcd: { host: ["https://etcd:2379"], user: root, password: "${CANARIES.etcdPassword}" }
discovery:
  kubernetes: ${client}
`;

const CONFIG = configWith("{}");
const STATIC_CONFIG = configWith(`{ client: { token: "${CANARIES.discoveryToken}" } }`);
/** Valid until the line with the password, which the parser would like to quote. */
const BROKEN_CONFIG = `${CONFIG}plugin_attr: { password: "${CANARIES.etcdPassword}" ]\n`;
/** A map as a key: the parser would like to warn of it, and to quote it. */
const ODD_CONFIG = `${CONFIG}plugin_attr: { ? { password: "${CANARIES.etcdPassword}" } : x }\n`;

const noteOf = (ago: number, more: object) => ({
  [LAST_RESTART_ANNOTATION]: JSON.stringify({ at: isoSeconds(NOW - ago), reason: "TokenRefused", ...more }),
});

/** Of a newer guard, which notes more than this one knows. */
export const LATER_NOTE = noteOf(200 * DAY, { result: "cured", later: CANARIES.noteValue });

const line = (module: string, message: string): LogSource =>
  repeated(NOW - HOUR, 40 * SECOND, (at) => {
    const time = isoSeconds(at).replace("T", " ").replace("Z", "").replaceAll("-", "/");
    return `${time} [error] 57#57: *1 [lua] ${module}: ${message}`;
  });

/** Gateways of every verdict, each with the canaries of the evidence that leads to it. */
export const EVERY_VERDICT: readonly GatewaySpec[] = [
  { name: "rejected", createdAgo: 91 * DAY, refusedFor: HOUR },
  { name: "expiring", createdAgo: 83 * DAY, kind: "StatefulSet" },
  { name: "due", createdAgo: 61 * DAY, kind: "DaemonSet", replicas: 2, pods: [{ state: "waiting" }] },
  { name: "static", createdAgo: 40 * DAY, refusedFor: 3 * HOUR, config: STATIC_CONFIG },
  { name: "static-unrefused", config: STATIC_CONFIG },
  { name: "new-and-refused", createdAgo: HOUR, refusedFor: 30 * MINUTE },
  {
    name: "unreadable-file",
    createdAgo: 91 * DAY,
    refusedFor: HOUR,
    log: [line("init.lua:400", `failed to read token from file, error: ${CANARIES.tokenFileLine}`)],
  },
  { name: "loud", createdAgo: 20 * DAY, logFileAge: MINUTE },
  { name: "off", config: "apisix: {}\n" },
  { name: "fixed", image: "apache/apisix:3.16.0-ubuntu" },
  { name: "empty", replicas: 0 },
  { name: "no-pods", pods: [{ state: "missing" }] },
  { name: "from-tomorrow", startedAgo: -DAY },
  { name: "verifying", createdAgo: 4 * MINUTE, ...restarted(5 * MINUTE, { later: CANARIES.noteValue }) },
  { name: "not-cured", createdAgo: HOUR, annotations: noteOf(HOUR, { result: "refused", later: CANARIES.noteValue }) },
  { name: "garbage-note", annotations: { [LAST_RESTART_ANNOTATION]: CANARIES.noteText } },
  { name: "odd-note", annotations: noteOf(HOUR, { reason: CANARIES.noteValue }) },
  { name: "odd-result", annotations: noteOf(HOUR, { result: CANARIES.noteValue }) },
  { name: "skipped", createdAgo: 70 * DAY, annotations: { [SKIP_ANNOTATION]: CANARIES.skipValue } },
  { name: "restarted", templateAnnotations: { [RESTARTED_AT_ANNOTATION]: CANARIES.restartedAt } },
  { name: "broken-config", config: BROKEN_CONFIG },
  { name: "odd-config", config: ODD_CONFIG },
  { name: "short", expirationSeconds: 600 },
  { name: "latest", createdAgo: 70 * DAY, image: "apache/apisix:latest" },
  { name: "risky", createdAgo: 70 * DAY, strategy: "Recreate" },
  { name: "denied", createdAgo: 91 * DAY, refusedFor: HOUR, mayDiscover: false },
  { name: "stuck", createdAgo: 91 * DAY, progressDeadlineExceeded: true, pods: [{ ready: false }] },
];

function restarted(ago: number, more: object): GatewaySpec {
  return {
    annotations: noteOf(ago, { result: null, ...more }),
    templateAnnotations: { [RESTARTED_AT_ANNOTATION]: isoSeconds(NOW - ago) },
  };
}

const ONE = { name: "checkout" };

/** Single gateways, each for some of the questions that the guard asks. */
export const GATEWAYS = {
  refused: { ...ONE, createdAgo: 91 * DAY, refusedFor: HOUR },
  due: { ...ONE, createdAgo: 61 * DAY },
  /** A pod of a DaemonSet is not Ready, so its node is looked at. */
  missing: { ...ONE, createdAgo: 61 * DAY, kind: "DaemonSet", pods: [{ ready: false }] },
  /** A restart awaits its proof, so revisions are looked at. */
  proving: { ...ONE, createdAgo: 4 * MINUTE, ...restarted(5 * MINUTE, { later: CANARIES.noteValue }) },
  statefulProving: { ...ONE, kind: "StatefulSet", createdAgo: 4 * MINUTE, ...restarted(5 * MINUTE, {}) },
} as const satisfies Readonly<Record<string, GatewaySpec>>;

/** Is due, and rolls over within a moment. */
export const QUICK: GatewaySpec = { ...GATEWAYS.due, afterRestart: { startsAfter: 0, readyAfter: 0, goneAfter: 0 } };

/** Of the requests of this cluster's gateways, with all that is nobody's business in each event. */
export function auditLog({ simulated }: PlantedCluster): string {
  const event = (more: object): string =>
    JSON.stringify({
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      auditID: CANARIES.auditExtra.slice(0, 40),
      requestURI: `/api/v1/endpoints?resourceVersion=${CANARIES.auditUri}`,
      userAgent: "lua-resty-http/0.16.1 (Lua) ngx_lua/10025",
      requestReceivedTimestamp: new Date(NOW - MINUTE).toISOString(),
      sourceIPs: [CANARIES.auditAddress],
      objectRef: { resource: "endpoints", name: CANARIES.auditObject },
      requestObject: { data: { password: CANARIES.auditObject } },
      responseObject: { message: CANARIES.auditObject },
      ...more,
    });
  const stale = simulated.store.list("Pod", "edge").map(({ metadata, spec }) => {
    const username = `system:serviceaccount:edge:${spec?.serviceAccountName}`;
    return event({
      user: {
        username,
        groups: [CANARIES.auditGroup],
        extra: {
          "authentication.kubernetes.io/pod-uid": [metadata.uid],
          "authentication.kubernetes.io/credential-id": [`JTI=${CANARIES.auditExtra}`],
        },
      },
      annotations: {
        "authentication.k8s.io/stale-token": `subject: ${username}, seconds after warning threshold: 90000`,
        "authorization.k8s.io/reason": CANARIES.auditAnnotation,
      },
    });
  });
  const refusedRequest = event({
    user: { username: CANARIES.auditUser },
    responseStatus: { code: 401, message: CANARIES.auditAnnotation },
  });
  const stranger = event({
    user: { username: CANARIES.auditUser, extra: { "authentication.kubernetes.io/pod-uid": [CANARIES.auditExtra] } },
    annotations: {
      "authentication.k8s.io/stale-token": `subject: ${CANARIES.auditUser}, seconds after warning threshold: 5`,
    },
  });
  return [...stale, refusedRequest, stranger, `{"kind":"${CANARIES.auditObject}`, ""].join("\n");
}

export interface PlantedCluster extends Cluster {
  readonly simulated: SimulatedCluster;
  /** All that its answers held. */
  served(): string;
}

/** A simulated cluster with these gateways in namespace `edge`, whose answers carry canaries wherever there is room. */
export function plantedCluster(gateways: readonly GatewaySpec[]): PlantedCluster {
  const simulated = simulateCluster({ now: NOW });
  for (const gateway of gateways) simulated.addGateway({ namespace: "edge", replicas: 1, config: CONFIG, ...gateway });
  const served: string[] = [];
  const note = <T>(value: T): T => {
    served.push(JSON.stringify(value));
    return value;
  };
  const { workloads } = simulated;
  const withCanaries = Object.fromEntries(
    Object.entries(workloads).map(([name, ask]) => [
      name,
      async (...asked: never[]) => note(sprinkled(await (ask as (...asked: never[]) => Promise<unknown>)(...asked))),
    ]),
  ) as unknown as typeof workloads;
  return {
    ...simulated,
    simulated,
    workloads: {
      ...withCanaries,
      follow: (ref, until, maxTime) => workloads.follow(ref, (seen) => until(note(sprinkled(seen))), maxTime),
    },
    logs: plantedLogs(simulated.logs, (text) => served.push(text)),
    exec: plantedExec(simulated.exec, (text) => served.push(text)),
    served: () => served.join("\n"),
  };
}

/** A map of names that decide what is selected; a stranger in it would select something else. */
const LEFT_ALONE = new Set(["matchLabels"]);

/** What stands under the keys of these maps. */
const MAPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  annotations: {
    "example.com/secret": CANARIES.annotation,
    "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ password: CANARIES.lastApplied }),
  },
  labels: { "example.com/canary": CANARIES.label },
  data: { "apisix.yaml": `consumers: [{ key: ${CANARIES.otherKey} }]`, password: CANARIES.otherKey },
};

/** The same value, with a canary in every field that is free text, and a stray field in every object. */
function sprinkled<T>(value: T, key = ""): T {
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => sprinkled(item, key)) as T;
  if (LEFT_ALONE.has(key)) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, sprinkled(field, name)]);
  return { ...Object.fromEntries(fields), ...(MAPS[key] ?? { ...FREE_TEXT[key], stray: CANARIES.stray }) };
}

/** By the name of the list in which an object stands. */
const FREE_TEXT: Readonly<Record<string, object>> = {
  containers: {
    env: [{ name: "DISCOVERY_TOKEN", value: CANARIES.environmentLiteral }],
    args: [`--password=${CANARIES.argument}`],
  },
  conditions: { message: `pulling with ${CANARIES.conditionMessage}` },
  containerStatuses: { lastState: { terminated: { message: CANARIES.terminationMessage } } },
};

/** The log as it is, and in it what gateways log beside that: headers of clients, bodies of answers. */
function plantedLogs(logs: PodLogs, note: (text: string) => void): PodLogs {
  return {
    read: async (request, onChunk) => {
      const chunks: Uint8Array[] = [];
      const answer = await logs.read(request, (chunk) => chunks.push(Uint8Array.from(chunk)));
      const text = Buffer.concat(chunks)
        .toString("latin1")
        .replaceAll('"message":"Unauthorized"', `"message":"Unauthorized ${CANARIES.refusalBody}"`)
        .replaceAll('"curl/8.5.0"', `"curl/8.5.0" "Bearer ${CANARIES.accessHeader}"`)
        .replaceAll("/v1/orders", `/v1/orders?key=${CANARIES.accessQuery}`)
        .replaceAll('"http://api.example.com"', `"http://api.example.com" ${CANARIES.freeLine}`);
      note(text);
      // The first line alone is asked for in so many bytes.
      const bytes = Buffer.from(text, "latin1").subarray(0, request.limitBytes ?? text.length);
      for (let start = 0; start < bytes.length; start += 1_000) onChunk(bytes.subarray(start, start + 1_000));
      return answer.ok ? { ...answer, value: { ...answer.value, bytes: bytes.length } } : answer;
    },
  };
}

/** The claims of a real token have names of pods and nodes, and its id, in them; some containers print the token whole. */
function plantedExec(exec: Exec, note: (text: string) => void): Exec {
  return {
    run: async (request) => {
      const answer = await exec.run(request);
      if (!answer.ok) return answer;
      const text = Buffer.from(answer.value)
        .toString("utf8")
        .replace(/payload (.*)/, (_, payload: string) => {
          const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
          const more = { jti: CANARIES.claim, iss: `https://oidc.example/id/${CANARIES.claim}` };
          return `payload ${Buffer.from(JSON.stringify({ ...claims, ...more })).toString("base64url")}`;
        });
      const isTalkative = request.pod.startsWith(request.command.includes(RELOAD_SCRIPT) ? "talkative" : "due");
      const said = isTalkative ? `${text}${CANARIES.wholeToken}\n` : text;
      note(said);
      return { ok: true, value: Buffer.from(said) };
    },
  };
}
