/** The API of a planted cluster over HTTP: what a command line or a function meets, with all that can go wrong. */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { KubeWorkload } from "../../../src/model/kubernetes.ts";
import type { Read, ReadFailureCode } from "../../../src/model/read.ts";
import { SECOND } from "../../../src/model/time.ts";
import type { WorkloadKind } from "../../../src/model/workload.ts";
import { workloadOf } from "../../../src/observe/workload.ts";
import type { WorkloadPatch } from "../../../src/rollout/patch.ts";
import { hasEnded } from "../../../src/rollout/state.ts";
import { type StubServer, startStub } from "../stub-server.ts";
import { accepted, message } from "../websocket.ts";
import { BAD_ANSWERS, CANARIES_FOR_VALUES, garbled, HEADERS } from "./answers.ts";
import { CANARIES } from "./inventory.ts";
import type { PlantedCluster } from "./planted.ts";

/** Everything that the guard ever asks an API server. */
export const QUESTIONS = [
  "version",
  "list deployments",
  "list daemonsets",
  "list statefulsets",
  "list rollouts",
  "list pods",
  "list replicasets",
  "list controllerrevisions",
  "get workload",
  "watch workload",
  "get configmap",
  "get serviceaccount",
  "get node",
  "log",
  "exec",
  "review",
  "self review",
  "note",
  "restart",
  "dry run",
  "relabel",
  "event",
] as const;
export type Question = (typeof QUESTIONS)[number];

export interface PlantedApi extends StubServer {
  readonly cluster: PlantedCluster;
  /** The bad answer that this question gets; null: everything is answered. */
  fail(fault: { readonly question: Question; readonly answer: string } | null): void;
  /** Whether the last fault was met. */
  readonly failed: boolean;
  /** What was sent here, but for the sign-in: addresses and bodies. */
  received(): string;
  /** Every sign-in that was sent here. */
  signIns(): string;
}

/** `tick`: so much virtual time passes with every request, for a guard whose own waits are real. */
export async function startPlantedApi(cluster: PlantedCluster, { tls = false, tick = 0 } = {}): Promise<PlantedApi> {
  const received: string[] = [];
  const signIns = new Set<string>();
  let fault: { readonly question: Question; readonly answer: string } | null = null;
  let failed = false;

  const isFor = (question: Question) => fault?.question === question;
  /** The bad answer to give, if this is the question that gets one. */
  const badAnswer = (question: Question, { method, url, headers }: IncomingMessage, body: string) => {
    received.push(`${method} ${url} ${body}`);
    signIns.add(JSON.stringify(headers));
    cluster.simulated.clock.advance(tick);
    if (!isFor(question)) return undefined;
    failed = true;
    return BAD_ANSWERS[fault?.answer ?? ""];
  };
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const body = request.method === "GET" ? "" : await text(request);
    const asked = parse(request, body === "" ? {} : JSON.parse(body));
    const question = questionOf(asked);
    const bad = badAnswer(question, request, body);
    const shape = isFor(question) && fault?.answer === CANARIES_FOR_VALUES ? (value: unknown) => garbled(value) : same;
    if (bad !== undefined) bad(response);
    else await answer({ cluster, question, asked, response, shape });
  };
  const upgrade = async (request: IncomingMessage, connection: Duplex) => {
    const bad = badAnswer("exec", request, "");
    if (bad === undefined) return runCommand(cluster, request, connection);
    // A server that does not agree answers as to any other request.
    const response = new ServerResponse(request);
    response.assignSocket(connection as Socket);
    bad(response);
  };

  const stub = await startStub((request, response) => void listener(request, response), {
    tls,
    upgrade: (request, connection) => void upgrade(request, connection),
  });
  return {
    ...stub,
    cluster,
    fail: (next) => {
      fault = next;
      failed = false;
    },
    get failed() {
      return failed;
    },
    received: () => received.join("\n"),
    signIns: () => [...signIns].join("\n"),
  };
}

interface Asked {
  readonly method: string;
  readonly namespace: string | null;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly body: Partial<WorkloadPatch>;
}

const PATH = /^\/(?:(?:api\/v1|apis\/[^/]+\/[^/]+)\/)?(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\/([^/]+))?(?:\/(\w+))?$/;

function parse({ method = "", url = "" }: IncomingMessage, body: Asked["body"]): Asked {
  const { pathname, searchParams: query } = new URL(url, "http://api");
  const [, namespace = null, resource = "", name = "", subresource = ""] = PATH.exec(pathname) ?? [];
  return { method, namespace: namespace ?? null, resource, name, subresource, query, body };
}

const WORKLOADS: Readonly<Record<string, WorkloadKind>> = {
  deployments: "Deployment",
  daemonsets: "DaemonSet",
  statefulsets: "StatefulSet",
};

function questionOf({ method, resource, name, subresource, query, body }: Asked): Question {
  if (method === "PATCH") {
    const isRelabel = JSON.stringify(body.spec?.template.metadata ?? {}).includes("labels");
    if (query.get("dryRun") === "All") return isRelabel ? "relabel" : "dry run";
    return body.spec === undefined ? "note" : "restart";
  }
  if (query.get("watch") === "true") return "watch workload";
  if (subresource === "log") return "log";
  const found = NAMED[resource] ?? (name === "" ? `list ${resource}` : `get ${resource.replace(/s$/, "")}`);
  const question = found.startsWith("get") && WORKLOADS[resource] !== undefined ? "get workload" : found;
  if (!QUESTIONS.includes(question as Question)) throw new Error(`What is ${method} ${resource}?`);
  return question as Question;
}

const NAMED: Readonly<Record<string, Question>> = {
  version: "version",
  events: "event",
  subjectaccessreviews: "review",
  selfsubjectaccessreviews: "self review",
};

const same = (value: unknown): unknown => value;

interface Answering {
  readonly cluster: PlantedCluster;
  readonly question: Question;
  readonly asked: Asked;
  readonly response: ServerResponse;
  /** What becomes of the answer. */
  readonly shape: (value: unknown) => unknown;
}

async function answer({ cluster, question, asked, response, shape }: Answering): Promise<unknown> {
  const { workloads, simulated } = cluster;
  const { namespace, resource, name, query, body } = asked;
  const place = namespace ?? "";
  const selector = query.get("labelSelector") ?? "";
  const ref = { kind: WORKLOADS[resource] ?? "Deployment", namespace: place, name };
  const head = (code: number, type = "application/json") => {
    const date = new Date(simulated.clock.now()).toUTCString();
    response.writeHead(code, { "content-type": type, ...HEADERS, date });
  };
  const give = (read: Read<unknown>, form: (value: unknown) => unknown = same) => {
    if (!read.ok) return BAD_ANSWERS[STATUS[read.failure.code] ?? "500"]?.(response);
    head(question === "event" ? 201 : 200);
    response.end(JSON.stringify(shape(form(read.value))));
  };
  const giveList = (kind: string, read: Read<unknown>) =>
    give(read, (items) => ({ kind: `${kind}List`, metadata: { resourceVersion: "1", stray: CANARIES.stray }, items }));
  switch (question) {
    case "version":
      return give(await workloads.server(), (server) => ({ ...(server as object), buildDate: CANARIES.build }));
    case "list deployments":
      return giveList("Deployment", await workloads.deployments(namespace, selector));
    case "list daemonsets":
      return giveList("DaemonSet", await workloads.daemonSets(namespace, selector));
    case "list statefulsets":
      return giveList("StatefulSet", await workloads.statefulSets(namespace, selector));
    case "list rollouts":
      return giveList("Rollout", await workloads.rollouts(namespace, selector));
    case "list pods":
      return giveList("Pod", await workloads.pods(place, selector));
    case "list replicasets":
      return giveList("ReplicaSet", await workloads.replicaSets(place, selector));
    case "list controllerrevisions":
      return giveList("ControllerRevision", await workloads.controllerRevisions(place, selector));
    case "get workload":
      return give(await workloads.workload(ref), (workload) => (workload as KubeWorkload).object);
    case "get configmap":
      return give(await workloads.configMap(place, name));
    case "get serviceaccount":
      return give(await workloads.serviceAccount(place, name));
    case "get node":
      return give(await workloads.node(name));
    case "watch workload": {
      head(200);
      const watched = { ...ref, name: query.get("fieldSelector")?.replace("metadata.name=", "") ?? "" };
      const maxTime = Number(query.get("timeoutSeconds")) * SECOND;
      const until = (seen: KubeWorkload) => {
        response.write(`${JSON.stringify({ type: "MODIFIED", object: shape(seen.object) })}\n`);
        const workload = workloadOf(seen, simulated.clock.now());
        return "missing" in workload || hasEnded(workload.figures);
      };
      await workloads.follow(watched, until, maxTime);
      return response.end();
    }
    case "log": {
      head(200, "text/plain");
      const [sinceSeconds, limitBytes] = ["sinceSeconds", "limitBytes"].map((key) => {
        const value = query.get(key);
        return value === null ? null : Number(value);
      });
      const request = { namespace: place, pod: name, container: query.get("container") ?? "" };
      const limits = { sinceSeconds: sinceSeconds ?? null, limitBytes: limitBytes ?? null };
      await cluster.logs.read({ ...request, ...limits, maxBytes: 10_000_000, maxTime: SECOND }, (chunk) =>
        response.write(shape === same ? chunk : `${shape(chunk.toString())}\n`),
      );
      return response.end();
    }
    case "review":
    case "self review":
      return give({ ok: true, value: { status: { allowed: true, reason: CANARIES.statusReason } } });
    case "dry run":
      return give(await simulated.dryRunRestarter.patch(ref, body as WorkloadPatch));
    case "relabel":
      return give(await simulated.access.tryRelabel(ref));
    case "note":
    case "restart":
      return give(await simulated.restarter.patch(ref, body as WorkloadPatch));
    case "event":
      return give({ ok: true, value: {} });
    case "exec":
      return give({ ok: false, failure: { code: "Refused", what: "", message: "" } });
  }
}

const STATUS: Partial<Record<ReadFailureCode, string>> = {
  NotFound: "404",
  Conflict: "409",
  Forbidden: "403",
  Refused: "400",
};

async function runCommand({ exec }: PlantedCluster, request: IncomingMessage, connection: Duplex): Promise<void> {
  const { namespace, name, query } = parse(request, {});
  const output = await exec.run({
    namespace: namespace ?? "",
    pod: name,
    container: query.get("container") ?? "",
    command: query.getAll("command"),
    maxBytes: 100_000,
    maxTime: SECOND,
  });
  connection.write(accepted(request, "v5.channel.k8s.io"));
  connection.write(message(2, CANARIES.probeErrors));
  if (output.ok) connection.write(message(1, Buffer.from(output.value).toString("latin1")));
  const ended = { kind: "Status", status: output.ok ? "Success" : "Failure", message: CANARIES.statusMessage };
  connection.write(message(3, JSON.stringify(ended)));
}
