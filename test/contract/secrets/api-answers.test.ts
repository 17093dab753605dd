import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectedCluster, connect } from "../../../src/adapters/kubernetes/connect.ts";
import type { Read } from "../../../src/model/read.ts";
import { SECOND } from "../../../src/model/time.ts";
import { restartPatch } from "../../../src/rollout/patch.ts";
import { BAD_ANSWERS } from "../../support/canaries/answers.ts";
import { type PlantedApi, QUESTIONS, type Question, startPlantedApi } from "../../support/canaries/api.ts";
import { capture } from "../../support/canaries/capture.ts";
import { everythingOf, expectNoLeak, plantedIn } from "../../support/canaries/finder.ts";
import { CANARIES } from "../../support/canaries/inventory.ts";
import { GATEWAYS, NOW, plantedCluster } from "../../support/canaries/planted.ts";

const REF = { kind: "Deployment", namespace: "edge", name: "checkout" } as const;
const NOTE = { at: NOW, reason: "TokenRefused", result: null, lifetime: null };
const ANY = "app.kubernetes.io/name=apisix";

/** How each question is asked. */
const ASK: Readonly<Record<Question, (cluster: ConnectedCluster, pod: string) => Promise<Read<unknown>>>> = {
  version: ({ workloads }) => workloads.server(),
  "list deployments": ({ workloads }) => workloads.deployments(null, ANY),
  "list daemonsets": ({ workloads }) => workloads.daemonSets("edge", ANY),
  "list statefulsets": ({ workloads }) => workloads.statefulSets(null, ANY),
  "list rollouts": ({ workloads }) => workloads.rollouts(null, ANY),
  "list pods": ({ workloads }) => workloads.pods("edge", ANY),
  "list replicasets": ({ workloads }) => workloads.replicaSets("edge", ANY),
  "list controllerrevisions": ({ workloads }) => workloads.controllerRevisions("edge", ANY),
  "get workload": ({ workloads }) => workloads.workload(REF),
  "watch workload": ({ workloads }) => workloads.follow(REF, () => false, SECOND),
  "get configmap": ({ workloads }) => workloads.configMap("edge", "checkout"),
  "get serviceaccount": ({ workloads }) => workloads.serviceAccount("edge", "checkout"),
  "get node": ({ workloads }) => workloads.node("node-1"),
  log: ({ logs }, pod) =>
    logs.read(
      { ...POD, pod, sinceSeconds: 140, limitBytes: null, maxBytes: 1_000_000, maxTime: SECOND },
      () => undefined,
    ),
  exec: ({ exec }, pod) => exec.run({ ...POD, pod, command: ["sh"], maxBytes: 10_000, maxTime: SECOND }),
  review: ({ access }) => access.mayList({ namespace: "edge", serviceAccount: "checkout" }, "endpoints"),
  "self review": ({ access }) => access.iMay({ verb: "get", resource: "pods/log", namespace: null }),
  note: ({ restarter }) => restarter.patch(REF, { metadata: { resourceVersion: "0", annotations: {} } }),
  restart: ({ restarter }) => restarter.patch(REF, restartPatch("0", NOTE)),
  "dry run": ({ dryRunRestarter }) => dryRunRestarter.patch(REF, restartPatch("0", NOTE)),
  relabel: ({ access }) => access.tryRelabel(REF),
  event: ({ restarter }) =>
    restarter.createEvent({
      name: "checkout.1",
      workload: { ...REF, uid: "1" },
      cure: "restart",
      type: "Normal",
      reason: "TokenGuardRestart",
      message: "Rolling restart.",
      at: NOW,
    }),
};
/** Of a write the status has said it all; that there are no rollouts, or that an event is there already, is an answer. */
const WRITTEN = Object.keys(BAD_ANSWERS).filter(
  (answer) => answer.includes("JSON") || /a text|breaks off/.test(answer),
);
const TAKEN: Partial<Record<Question, readonly string[]>> = {
  "list rollouts": ["404"],
  note: WRITTEN,
  restart: WRITTEN,
  "dry run": WRITTEN,
  relabel: WRITTEN,
  event: ["409", ...WRITTEN],
};

const POD = { namespace: "edge", container: "apisix" };

describe.each([
  { tls: false, questions: QUESTIONS },
  { tls: true, questions: ["version", "list pods", "log", "exec", "restart"] as const },
])("the answer to a question, by TLS: $tls", ({ tls, questions }) => {
  let api: PlantedApi;
  let cluster: ConnectedCluster;
  let pod: string;
  beforeAll(async () => {
    const planted = plantedCluster([GATEWAYS.refused]);
    pod = planted.simulated.store.list("Pod", "edge").find(({ metadata }) => metadata.name.startsWith("checkout"))
      ?.metadata.name as string;
    api = await startPlantedApi(planted, { tls });
    cluster = connect({
      server: api.url,
      ca: tls ? api.ca : null,
      authenticate: async () => ({ headers: { authorization: `Bearer ${CANARIES.token}` } }),
    });
  });
  afterAll(async () => {
    cluster.close();
    await api.close();
  });

  it.each(questions)("%s, whatever goes wrong with it, leaves nothing behind", async (question) => {
    const taken: string[] = [];
    for (const answer of Object.keys(BAD_ANSWERS)) {
      api.fail({ question, answer });
      const { printed, value, thrown } = await capture(() => ASK[question](cluster, pod));
      expectNoLeak(`${printed}${everythingOf(value)}${everythingOf(thrown)}`, `${question}, ${answer}`);
      expect({ answer, failed: api.failed, thrown }).toEqual({ answer, failed: true, thrown: undefined });
      if (value?.ok) taken.push(answer);
    }
    expect(taken).toEqual(TAKEN[question] ?? []);
  });

  it("shows the sign-in to the API server, and to nobody else", () => {
    expect([...plantedIn(api.signIns())]).toEqual(["token"]);
    expectNoLeak(api.received(), "what is sent");
  });
});
