import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probeCommand } from "../../src/evidence/probe-script.ts";
import { PROBE_MARK } from "../../src/evidence/token-probe.ts";
import { RESTARTED_AT_ANNOTATION } from "../../src/model/annotations.ts";
import { MAX_EVENT_MESSAGE, type WorkloadEvent } from "../../src/model/event.ts";
import type { KubeDeployment, KubeObject, KubePod, KubeTime, KubeWorkload } from "../../src/model/kubernetes.ts";
import type { Read, ReadFailure } from "../../src/model/read.ts";
import type { GatewayRef, WorkloadKind } from "../../src/model/workload.ts";
import type { Cluster, ExecRequest, LogRequest } from "../../src/ports.ts";

/** What the contract needs of a kind of cluster. */
export interface ContractHarness {
  /** Signed in as somebody who may do everything. */
  readonly cluster: Cluster;
  /** The same, with lists that come in pages of two. */
  readonly inPages: Cluster;
  /** Signed in as somebody who may do nothing. */
  readonly nobody: Cluster;
  /** A new namespace. */
  namespace(): Promise<string>;
  /** A gateway whose pods, 3 of a DaemonSet, are all Ready. Labels are added to the workload's own. */
  addGateway(gateway: GatewayRef & { replicas: number; labels?: Record<string, string> }): Promise<void>;
  /** Replaces what the container `apisix` of a pod has logged. */
  writeLog(
    pod: { namespace: string; pod: string },
    lines: readonly { secondsAgo: number; text: string }[],
  ): Promise<void>;
  allowList(namespace: string, serviceAccount: string, resource: string): Promise<void>;
  /** Until every pod of the gateway is of its newest template and Ready, and no other is left. */
  rolledOver(gateway: GatewayRef): Promise<void>;
  /** What `kubectl describe` shows beside a workload as coming from the guard. */
  guardEventsOf(gateway: GatewayRef): Promise<readonly ShownEvent[]>;
  close(): Promise<void>;
}

export type ShownEvent = Pick<WorkloadEvent, "type" | "reason" | "message" | "at">;

/** What every implementation of the ports does, whatever is behind them. */
export function describeClusterContract(name: string, makeHarness: () => Promise<ContractHarness>): void {
  describe(`the cluster contract: ${name}`, () => {
    let harness: ContractHarness;
    let cluster: Cluster;
    let namespace: string;
    let deployment: GatewayRef;
    let pods: KubePod[];

    beforeAll(async () => {
      harness = await makeHarness();
      cluster = harness.cluster;
      namespace = await harness.namespace();
      deployment = { kind: "Deployment", namespace, name: "edge" };
      await harness.addGateway({ ...deployment, replicas: 3, labels: { tier: "front" } });
      pods = value(await cluster.workloads.pods(namespace, "app.kubernetes.io/instance=edge"));
    });
    afterAll(() => harness?.close());

    describe("the server", () => {
      it("tells its version, and its time in whole seconds", async () => {
        const server = value(await cluster.workloads.server());
        expect(server.gitVersion).toMatch(/^v1\.\d+\.\d+/);
        expect(server.at % 1000).toBe(0);
        expect(Math.abs(server.localAt - server.at)).toBeLessThan(5_000);
      });
    });

    describe("a list", () => {
      const deployments = (selector: string) => cluster.workloads.deployments(namespace, selector);

      it.each([
        ["app.kubernetes.io/name=apisix", ["edge"]],
        ["app.kubernetes.io/name==apisix", ["edge"]],
        ["app.kubernetes.io/name=other", []],
        ["app.kubernetes.io/name!=other", ["edge"]],
        ["absent!=anything", ["edge"]],
        ["tier in (back, front)", ["edge"]],
        ["tier in (back)", []],
        ["tier notin (back),app.kubernetes.io/name=apisix", ["edge"]],
        ["absent notin (back)", ["edge"]],
        ["tier notin (front,back)", []],
        ["tier", ["edge"]],
        ["!tier", []],
        ["!absent", ["edge"]],
        ["app.kubernetes.io/name=apisix,app.kubernetes.io/component!=control-plane", ["edge"]],
        ["", ["edge"]],
      ])("honours the selector %j", async (selector, names) => {
        expect(value(await deployments(selector)).map(nameOf)).toEqual(names);
      });

      it("refuses a selector that is none", async () => {
        expect(failure(await deployments("a in b"))).toMatchObject({
          code: "Refused",
          what: `list deployments in namespace ${namespace}`,
        });
      });

      it("is of one namespace, or of all", async () => {
        const other = await harness.namespace();
        expect(value(await cluster.workloads.deployments(other, ""))).toEqual([]);
        await harness.addGateway({ kind: "Deployment", namespace: other, name: "edge", replicas: 1 });
        const everywhere = value(await cluster.workloads.deployments(null, "app.kubernetes.io/instance=edge"));
        expect(everywhere.map(({ metadata }) => metadata?.namespace)).toEqual(
          expect.arrayContaining([namespace, other]),
        );
        expect(value(await deployments("")).length).toBe(1);
      });

      it("is whole, over as many pages as it takes", async () => {
        expect(pods.length).toBe(3);
        const paged = value(await harness.inPages.workloads.pods(namespace, "app.kubernetes.io/instance=edge"));
        expect(paged.map(nameOf)).toEqual(pods.map(nameOf));
      });

      it("is empty for a kind the cluster does not know", async () => {
        expect(value(await cluster.workloads.rollouts(namespace, ""))).toEqual([]);
        expect(value(await cluster.workloads.rollouts(null, ""))).toEqual([]);
      });
    });

    describe("a Deployment", () => {
      it("tells what was asked for and what there is", async () => {
        const [object] = value(await cluster.workloads.deployments(namespace, "app.kubernetes.io/instance=edge"));
        expect(object).toMatchObject({
          metadata: {
            name: "edge",
            namespace,
            uid: expect.any(String),
            resourceVersion: expect.any(String),
            generation: 1,
          },
          spec: { replicas: 3, selector: { matchLabels: { "app.kubernetes.io/instance": "edge" } } },
          status: { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 },
        });
        expect(object?.spec?.template?.spec?.containers?.[0]).toMatchObject({
          name: "apisix",
          image: expect.stringMatching(/^apache\/apisix:/),
        });
        expect(object?.status?.conditions?.find(({ type }) => type === "Progressing")).toMatchObject({
          status: "True",
          reason: "NewReplicaSetAvailable",
        });
      });

      it("leaves out what is zero", async () => {
        const ref = { kind: "Deployment", namespace, name: "asleep" } as const;
        await harness.addGateway({ ...ref, replicas: 0 });
        const { object } = value(await cluster.workloads.workload(ref));
        expect(object.spec).toMatchObject({ replicas: 0 });
        const status = (object as KubeDeployment).status ?? {};
        expect(status.observedGeneration).toBe(1);
        for (const field of ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"] as const) {
          expect(status[field]).toBeUndefined();
        }
      });

      it("is found by name, and missing ones are told", async () => {
        expect(value(await cluster.workloads.workload(deployment))).toMatchObject({
          kind: "Deployment",
          object: { metadata: { name: "edge" } },
        });
        expect(failure(await cluster.workloads.workload({ ...deployment, name: "gone" }))).toMatchObject({
          code: "NotFound",
          what: `read Deployment ${namespace}/gone`,
        });
      });

      it("has a ReplicaSet that its pods point to", async () => {
        const { object } = value(await cluster.workloads.workload(deployment));
        const sets = value(await cluster.workloads.replicaSets(namespace, "app.kubernetes.io/instance=edge"));
        expect(sets).toHaveLength(1);
        const hash = sets[0]?.metadata?.labels?.["pod-template-hash"];
        expect(sets[0]?.metadata?.ownerReferences).toEqual([
          expect.objectContaining({ kind: "Deployment", uid: object.metadata?.uid, controller: true }),
        ]);
        expect(sets[0]?.spec?.template?.metadata?.labels?.["pod-template-hash"]).toBe(hash);
        for (const pod of pods) {
          expect(pod.metadata?.labels?.["pod-template-hash"]).toBe(hash);
          expect(pod.metadata?.ownerReferences).toEqual([
            expect.objectContaining({
              kind: "ReplicaSet",
              name: `edge-${hash}`,
              uid: sets[0]?.metadata?.uid,
              controller: true,
            }),
          ]);
        }
      });
    });

    describe("a pod", () => {
      it("tells since when its container runs, and on which node", async () => {
        for (const pod of pods) {
          const { startedAt } =
            pod.status?.containerStatuses?.find((status) => status.name === "apisix")?.state?.running ?? {};
          expect(millis(pod.metadata?.creationTimestamp)).toBeLessThanOrEqual(millis(startedAt));
          expect(pod.status).toMatchObject({ phase: "Running", startTime: expect.anything() });
          expect(pod.status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
          const node = value(await cluster.workloads.node(pod.spec?.nodeName ?? ""));
          expect(node.status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
        }
      });

      it("mounts the token that Kubernetes injects", () => {
        for (const { spec } of pods) {
          const mount = spec?.containers?.[0]?.volumeMounts?.find(
            ({ mountPath }) => mountPath === "/var/run/secrets/kubernetes.io/serviceaccount",
          );
          const volume = spec?.volumes?.find((candidate) => candidate.name === mount?.name);
          const token = volume?.projected?.sources?.find(
            (source) => source.serviceAccountToken !== undefined,
          )?.serviceAccountToken;
          expect(token).toMatchObject({ path: "token", expirationSeconds: 3607 });
        }
      });
    });

    describe.each<[WorkloadKind, "daemonSets" | "statefulSets"]>([
      ["DaemonSet", "daemonSets"],
      ["StatefulSet", "statefulSets"],
    ])("a %s", (kind, list) => {
      let ref: GatewayRef;
      const selector = `app.kubernetes.io/instance=${kind.toLowerCase()}`;

      beforeAll(async () => {
        ref = { kind, namespace, name: kind.toLowerCase() };
        await harness.addGateway({ ...ref, replicas: 3 });
      });

      it("is listed, found by name, and tells how many pods it has", async () => {
        const [object] = value(await cluster.workloads[list](namespace, selector));
        expect(object?.metadata).toMatchObject({ name: ref.name, generation: 1 });
        expect(value(await cluster.workloads.workload(ref))).toMatchObject({
          kind,
          object: { metadata: { uid: object?.metadata?.uid } },
        });
        expect(object?.status).toMatchObject(
          kind === "DaemonSet"
            ? {
                observedGeneration: 1,
                desiredNumberScheduled: 3,
                updatedNumberScheduled: 3,
                numberReady: 3,
                numberAvailable: 3,
              }
            : {
                observedGeneration: 1,
                replicas: 3,
                readyReplicas: 3,
                updatedReplicas: 3,
                currentRevision: expect.any(String),
              },
        );
      });

      it("owns its pods itself, marked with the revision", async () => {
        const { object } = value(await cluster.workloads.workload(ref));
        const [revision] = value(await cluster.workloads.controllerRevisions(namespace, selector));
        const hash = revision?.metadata?.labels?.["controller-revision-hash"] ?? revision?.metadata?.name;
        expect(revision?.metadata?.ownerReferences).toEqual([
          expect.objectContaining({ kind, uid: object.metadata?.uid, controller: true }),
        ]);
        expect(revision).toMatchObject({
          revision: 1,
          data: { spec: { template: { metadata: { labels: { "app.kubernetes.io/name": "apisix" } } } } },
        });
        const own = value(await cluster.workloads.pods(namespace, selector));
        expect(own).toHaveLength(3);
        for (const pod of own) {
          expect([hash, revision?.metadata?.name]).toContain(pod.metadata?.labels?.["controller-revision-hash"]);
          expect(pod.metadata?.ownerReferences).toEqual([
            expect.objectContaining({ kind, uid: object.metadata?.uid, controller: true }),
          ]);
        }
        if ("updateRevision" in (object.status ?? {})) {
          expect(object.status).toMatchObject({
            currentRevision: revision?.metadata?.name,
            updateRevision: revision?.metadata?.name,
          });
        }
      });
    });

    describe("an object by name", () => {
      it("is a ConfigMap with its content and the time of its change", async () => {
        const map = value(await cluster.workloads.configMap(namespace, "edge"));
        expect(map.data?.["config.yaml"]).toContain("discovery:");
        expect(millis(map.metadata?.managedFields?.[0]?.time)).toBeGreaterThan(0);
      });

      it("is a ServiceAccount", async () => {
        expect(nameOf(value(await cluster.workloads.serviceAccount(namespace, "edge")))).toBe("edge");
      });

      it.each<[string, () => Promise<Read<unknown>>, () => string]>([
        ["ConfigMap", () => cluster.workloads.configMap(namespace, "gone"), () => `read ConfigMap ${namespace}/gone`],
        ["node", () => cluster.workloads.node("gone"), () => "read node gone"],
        [
          "ServiceAccount",
          () => cluster.workloads.serviceAccount(namespace, "gone"),
          () => `read ServiceAccount ${namespace}/gone`,
        ],
      ])("is told when it is a missing %s", async (_kind, ask, what) => {
        expect(failure(await ask())).toMatchObject({ code: "NotFound", what: what() });
      });
    });

    describe("somebody without permissions", () => {
      const asks: [string, string, string, boolean, (c: Cluster) => Promise<Read<unknown>>][] = [
        ["list", "deployments.apps", "everywhere", true, (c) => c.workloads.deployments(null, "")],
        ["list", "deployments.apps", "in a namespace", false, (c) => c.workloads.deployments(namespace, "")],
        ["list", "daemonsets.apps", "in a namespace", false, (c) => c.workloads.daemonSets(namespace, "")],
        ["list", "statefulsets.apps", "everywhere", true, (c) => c.workloads.statefulSets(null, "")],
        ["list", "rollouts.argoproj.io", "everywhere", true, (c) => c.workloads.rollouts(null, "")],
        ["list", "pods", "in a namespace", false, (c) => c.workloads.pods(namespace, "")],
        ["list", "replicasets.apps", "in a namespace", false, (c) => c.workloads.replicaSets(namespace, "")],
        [
          "list",
          "controllerrevisions.apps",
          "in a namespace",
          false,
          (c) => c.workloads.controllerRevisions(namespace, ""),
        ],
        ["get", "deployments.apps", "in a namespace", false, (c) => c.workloads.workload(deployment)],
        ["get", "configmaps", "in a namespace", false, (c) => c.workloads.configMap(namespace, "edge")],
        ["get", "serviceaccounts", "in a namespace", false, (c) => c.workloads.serviceAccount(namespace, "edge")],
        [
          "watch",
          "deployments.apps",
          "in a namespace",
          false,
          (c) => c.workloads.follow(deployment, () => true, 1_000),
        ],
        ["get", "nodes", "everywhere", true, (c) => c.workloads.node("node-1")],
        ["get", "pods/log", "in a namespace", false, (c) => c.logs.read(logRequest(), () => {})],
        ["create", "pods/exec", "in a namespace", false, (c) => c.exec.run(execRequest())],
        [
          "create",
          "subjectaccessreviews.authorization.k8s.io",
          "everywhere",
          true,
          (c) => c.access.mayList({ namespace, serviceAccount: "edge" }, "endpoints"),
        ],
        [
          "patch",
          "deployments.apps",
          "in a namespace",
          false,
          (c) => c.restarter.patch(deployment, { metadata: { resourceVersion: "1", annotations: {} } }),
        ],
        ["create", "events", "in a namespace", false, (c) => c.restarter.createEvent(eventOf(deployment, "nobody"))],
      ];

      it.each(asks)(
        "is told that the permission to %s %s %s is missing",
        async (verb, resource, _where, everywhere, ask) => {
          const told = failure(await ask(harness.nobody));
          expect(told).toMatchObject({
            code: "Forbidden",
            permission: { verb, resource, namespace: everywhere ? null : namespace },
          });
          expect(told.message).toContain(`kubectl auth can-i ${verb} ${resource.split("/")[0]}`);
        },
      );

      it("still learns the version", async () => {
        expect((await harness.nobody.workloads.server()).ok).toBe(true);
      });
    });

    describe("the log of a container", () => {
      beforeAll(() =>
        harness.writeLog({ namespace, pod: nameOf(pods[0]) }, [
          { secondsAgo: 600, text: "first" },
          { secondsAgo: 90, text: "second" },
          { secondsAgo: 30, text: "third" },
        ]),
      );

      it("comes with the kubelet's time before every line", async () => {
        const { text, answer } = await readLog({});
        const lines = text.split("\n");
        expect(lines.pop()).toBe("");
        expect(lines.map((line) => line.replace(/^\S+ /, ""))).toEqual(["first", "second", "third"]);
        for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /);
        const server = value(await cluster.workloads.server());
        expect(answer).toMatchObject({ bytes: Buffer.byteLength(text), capped: false });
        expect(Math.abs(server.at - answer.at)).toBeLessThan(5_000);
        expect(server.at - Date.parse(lines[1]?.split(" ")[0] ?? "")).toBeGreaterThan(80_000);
      });

      it("goes back only as far as asked", async () => {
        const { text } = await readLog({ sinceSeconds: 140 });
        expect(text.match(/(first|second|third)$/gm)).toEqual(["second", "third"]);
      });

      it("is cut by the server at limitBytes, from its start and within a line", async () => {
        const { text, answer } = await readLog({ limitBytes: 33 });
        expect(text).toMatch(/^\S+Z fi$/);
        expect(answer).toMatchObject({ bytes: 33, capped: false });
      });

      it("is cut by the guard at maxBytes, and that is told", async () => {
        const { text, answer } = await readLog({ maxBytes: 40 });
        expect(text.length).toBe(40);
        expect(answer).toMatchObject({ bytes: 40, capped: true });
      });

      it.each([
        ["of a container the pod has not", { container: "nope" }, "Refused"],
        ["of a pod that does not exist", { pod: "gone" }, "NotFound"],
      ])("%s is told apart", async (_name, other, code) => {
        const request = { ...logRequest(), ...other };
        expect(failure(await cluster.logs.read(request, () => {}))).toMatchObject({
          code,
          what: `read the log of container ${request.container} of pod ${namespace}/${request.pod}`,
        });
      });
    });

    describe("a command in a container", () => {
      it("of a pod that does not exist is told apart", async () => {
        const request = { ...execRequest(), pod: "gone" };
        expect(failure(await cluster.exec.run(request))).toMatchObject({
          code: "NotFound",
          what: `run a command in container apisix of pod ${namespace}/gone`,
        });
      });

      it("of a pod that exists gives what it prints", async () => {
        const printed = new TextDecoder().decode(value(await cluster.exec.run(execRequest())));
        expect(printed.split("\n")).toEqual(expect.arrayContaining([PROBE_MARK, "end"]));
      });
    });

    describe("what the guard's own identity may do", () => {
      it.each([
        ["patch", "deployments.apps", "in a namespace"],
        ["get", "pods/log", "everywhere"],
        ["create", "events", "in a namespace"],
        ["create", "subjectaccessreviews.authorization.k8s.io", "everywhere"],
      ])("is told: %s %s %s", async (verb, resource, where) => {
        const permission = { verb, resource, namespace: where === "everywhere" ? null : namespace };
        expect(value(await cluster.access.iMay(permission))).toBe(true);
        expect(value(await harness.nobody.access.iMay(permission))).toBe(false);
      });

      it("is tried with a change that is never stored", async () => {
        const before = value(await cluster.workloads.workload(deployment)).object;
        await cluster.access.tryRelabel(deployment);
        const after = value(await cluster.workloads.workload(deployment)).object;
        expect(after.metadata?.generation).toBe(before.metadata?.generation);
        expect(after.spec?.template).toEqual(before.spec?.template);
      });

      it("is refused that change where it lacks the permission, and told of a workload that is gone", async () => {
        expect(failure(await harness.nobody.access.tryRelabel(deployment)).code).toBe("Forbidden");
        expect(failure(await cluster.access.tryRelabel({ ...deployment, name: "gone" })).code).toBe("NotFound");
      });
    });

    describe("what a ServiceAccount may list", () => {
      it("is told, per account and resource", async () => {
        await harness.allowList(namespace, "discoverer", "endpoints");
        const ask = async (serviceAccount: string, resource: string) =>
          value(await cluster.access.mayList({ namespace, serviceAccount }, resource));
        expect(await ask("discoverer", "endpoints")).toBe(true);
        expect(await ask("discoverer", "endpointslices.discovery.k8s.io")).toBe(false);
        expect(await ask("nobody-knows", "endpoints")).toBe(false);
      });
    });

    describe("following a workload", () => {
      it("begins with the workload as it is", async () => {
        const seen: KubeWorkload[] = [];
        const until = (workload: KubeWorkload) => seen.push(workload) > 0;
        expect(await cluster.workloads.follow(deployment, until, 5_000)).toEqual({ ok: true, value: null });
        expect(seen).toMatchObject([{ kind: "Deployment", object: { metadata: { name: "edge", namespace } } }]);
      });

      it("does not wait for one that is not there", async () => {
        const gone = { ...deployment, name: "gone" };
        expect(failure(await cluster.workloads.follow(gone, () => false, 60_000)).code).toBe("NotFound");
      });

      it("ends with the time when nobody has seen enough", async () => {
        expect(await cluster.workloads.follow(deployment, () => false, 1_200)).toEqual({ ok: true, value: null });
      });
    });

    describe.each(["Deployment", "DaemonSet", "StatefulSet"] as const)("a restart of a %s", (kind) => {
      const restartedAt = "2026-06-01T00:00:00Z";
      let ref: GatewayRef;
      const selector = `app.kubernetes.io/instance=restarted-${kind.toLowerCase()}`;
      const current = async () => value(await cluster.workloads.workload(ref)).object;
      const patchOf = (object: KubeObject) => ({
        metadata: {
          resourceVersion: object.metadata?.resourceVersion ?? "",
          annotations: { "apisix-token-guard/last-restart": "{}" },
        },
        spec: { template: { metadata: { annotations: { [RESTARTED_AT_ANNOTATION]: restartedAt } } } },
      });

      beforeAll(async () => {
        ref = { kind, namespace, name: `restarted-${kind.toLowerCase()}` };
        await harness.addGateway({ ...ref, replicas: 3 });
      });

      it("as a dry run changes nothing", async () => {
        const before = await current();
        expect(await cluster.dryRunRestarter.patch(ref, patchOf(before))).toEqual({ ok: true, value: null });
        expect((await current()).metadata).toMatchObject({ generation: before.metadata?.generation });
        expect((await current()).spec?.template?.metadata?.annotations?.[RESTARTED_AT_ANNOTATION]).toBeUndefined();
      });

      it("of an older state is a conflict", async () => {
        const stale = { metadata: { resourceVersion: "1" } };
        expect(failure(await cluster.restarter.patch(ref, patchOf(stale)))).toMatchObject({
          code: "Conflict",
          what: `patch ${kind} ${namespace}/${ref.name}`,
        });
        expect(failure(await cluster.dryRunRestarter.patch(ref, patchOf(stale))).code).toBe("Conflict");
      });

      it("of what does not exist is not found", async () => {
        const answer = await cluster.restarter.patch({ ...ref, name: "gone" }, patchOf({}));
        expect(failure(answer).code).toBe("NotFound");
      });

      it("is no restart when it is a note alone, which counts as a new generation of a Deployment", async () => {
        const before = await current();
        const { spec: _, ...note } = patchOf(before);
        expect(await cluster.restarter.patch(ref, note)).toEqual({ ok: true, value: null });
        const observed = ({ object: { metadata, status } }: KubeWorkload) =>
          status?.observedGeneration === metadata?.generation;
        expect((await cluster.workloads.follow(ref, observed, 30_000)).ok).toBe(true);
        const { metadata, spec } = await current();
        expect(metadata?.generation).toBe(kind === "Deployment" ? 2 : 1);
        expect(spec?.template).toEqual(before.spec?.template);
      });

      it("rolls over to pods of a new revision that bears its time", async () => {
        const before = await current();
        const old = value(await cluster.workloads.pods(namespace, selector)).map(({ metadata }) => metadata?.uid);
        expect(await cluster.restarter.patch(ref, patchOf(before))).toEqual({ ok: true, value: null });
        const patched = await current();
        expect(patched.metadata).toMatchObject({
          generation: (before.metadata?.generation ?? 0) + 1,
          annotations: { "apisix-token-guard/last-restart": "{}" },
        });
        expect(patched.spec?.template?.metadata?.annotations).toMatchObject({ [RESTARTED_AT_ANNOTATION]: restartedAt });

        const isOver = ({ object: { metadata, status } }: KubeWorkload) =>
          status?.observedGeneration === metadata?.generation &&
          (available(status) ?? 0) === 3 &&
          updated(status) === 3;
        expect((await cluster.workloads.follow(ref, isOver, 30_000)).ok).toBe(true);
        await harness.rolledOver(ref);
        const pods = value(await cluster.workloads.pods(namespace, selector));
        expect(pods).toHaveLength(3);
        for (const { metadata } of pods) expect(old).not.toContain(metadata?.uid);
        const revisions =
          kind === "Deployment"
            ? value(await cluster.workloads.replicaSets(namespace, selector))
            : value(await cluster.workloads.controllerRevisions(namespace, selector));
        expect(revisions).toHaveLength(2);
        const newest = revisions.find((revision) => JSON.stringify(revision).includes(restartedAt));
        const marks = [newest?.metadata?.name, ...Object.values(newest?.metadata?.labels ?? {})];
        for (const { metadata } of pods) {
          expect(marks).toContain(
            metadata?.labels?.[kind === "Deployment" ? "pod-template-hash" : "controller-revision-hash"],
          );
        }
      });
    });

    describe.each(["Deployment", "DaemonSet", "StatefulSet"] as const)("an event of a %s", (kind) => {
      let ref: WorkloadEvent["workload"];
      let event: WorkloadEvent;

      beforeAll(async () => {
        const gateway = { kind, namespace, name: `told-${kind.toLowerCase()}` };
        await harness.addGateway({ ...gateway, replicas: 3 });
        const { object } = value(await cluster.workloads.workload(gateway));
        ref = { ...gateway, uid: object.metadata?.uid ?? "" };
        event = eventOf(ref, "a");
      });

      it("as a dry run is not there afterwards", async () => {
        expect(await cluster.dryRunRestarter.createEvent(event)).toEqual({ ok: true, value: null });
        expect(await harness.guardEventsOf(ref)).toEqual([]);
      });

      it("stands beside the workload", async () => {
        expect(await cluster.restarter.createEvent(event)).toEqual({ ok: true, value: null });
        const { type, reason, message, at } = event;
        expect(await harness.guardEventsOf(ref)).toEqual([{ type, reason, message, at }]);
      });

      it("is kept once, as it was first told", async () => {
        const again = { ...event, message: "Something else.", at: event.at + 60_000 };
        expect(await cluster.restarter.createEvent(again)).toEqual({ ok: true, value: null });
        expect(await harness.guardEventsOf(ref)).toMatchObject([{ message: event.message, at: event.at }]);
      });

      it("may be as long as an API server takes it, and no longer", async () => {
        const message = "€".repeat(Math.floor(MAX_EVENT_MESSAGE / 3)).concat("x");
        expect(Buffer.byteLength(message)).toBe(MAX_EVENT_MESSAGE);
        expect((await cluster.restarter.createEvent({ ...eventOf(ref, "b"), message })).ok).toBe(true);
        const refused = await cluster.restarter.createEvent({ ...eventOf(ref, "c"), message: `${message}x` });
        expect(failure(refused)).toMatchObject({
          code: "Refused",
          what: `create an event of ${kind} ${namespace}/${ref.name}`,
        });
        expect(await harness.guardEventsOf(ref)).toHaveLength(2);
      });
    });

    const eventOf = (workload: GatewayRef & { uid?: string }, name: string): WorkloadEvent => ({
      name: `${workload.uid}.20260601t000000z.${name}`,
      workload: { uid: "", ...workload },
      cure: "restart",
      type: "Warning",
      reason: "TokenGuardRefused",
      message: "Restart of 2026-06-01T00:00:00Z: refused.",
      at: Date.parse("2026-06-01T00:02:00Z"),
    });

    const logRequest = (): LogRequest => ({
      namespace,
      pod: nameOf(pods[0]),
      container: "apisix",
      sinceSeconds: null,
      limitBytes: null,
      maxBytes: 10_000,
      maxTime: 5_000,
    });

    const execRequest = (): ExecRequest => ({
      namespace,
      pod: nameOf(pods[0]),
      container: "apisix",
      command: probeCommand("/no/such/token"),
      maxBytes: 65_536,
      maxTime: 10_000,
    });

    async function readLog(over: Partial<LogRequest>) {
      const chunks: Buffer[] = [];
      const answer = value(
        await cluster.logs.read({ ...logRequest(), ...over }, (chunk) => chunks.push(Buffer.from(chunk))),
      );
      return { answer, text: Buffer.concat(chunks).toString("utf8") };
    }
  });
}

type Status = KubeWorkload["object"]["status"];

const available = (status: Status) =>
  status !== undefined && "availableReplicas" in status
    ? status.availableReplicas
    : status !== undefined && "numberAvailable" in status
      ? status.numberAvailable
      : undefined;

const updated = (status: Status) =>
  status !== undefined && "updatedReplicas" in status
    ? status.updatedReplicas
    : status !== undefined && "updatedNumberScheduled" in status
      ? status.updatedNumberScheduled
      : undefined;

function value<T>(answer: Read<T>): T {
  if (!answer.ok) throw new Error(`${answer.failure.what}: ${answer.failure.code}: ${answer.failure.message}`);
  return answer.value;
}

function failure(answer: Read<unknown>): ReadFailure {
  if (answer.ok) throw new Error(`expected a failure, got ${JSON.stringify(answer.value)}`);
  return answer.failure;
}

const nameOf = (object: KubeObject | undefined): string => object?.metadata?.name ?? "";

const millis = (time: KubeTime | undefined): number => (time === undefined ? Number.NaN : new Date(time).getTime());
