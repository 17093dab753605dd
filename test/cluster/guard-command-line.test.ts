import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { RESTARTED_AT_ANNOTATION } from "../../src/model/annotations.ts";
import { DAY, SECOND } from "../../src/model/time.ts";
import type { GatewayRef } from "../../src/model/workload.ts";
import { type CheckupReport, checkupSchema } from "../../src/report/checkup-schema.ts";
import { type Report, reportSchema } from "../../src/report/schema.ts";
import { type BuiltCli, buildCli, type Ended, type RunOptions } from "../support/built-cli.ts";
import type { TestUser } from "../support/control-plane/boot/credentials.ts";
import type { KubeObject } from "../support/control-plane/cluster/objects.ts";
import { waitFor } from "../support/control-plane/cluster/wait.ts";
import { gatewayDeployment, gatewayStatefulSet } from "../support/control-plane/manifests.ts";
import { describeCluster } from "../support/control-plane/suite.ts";
import { enforcePolicy, GUARD, LOOKER, POLICY_PATH } from "../support/guard/install.ts";
import { type GuardedPlace, guardCluster } from "../support/guard/place.ts";
import { workloadPath } from "../support/guard/workloads.ts";

/** Slow enough to be interrupted in the middle. */
const SLOW = { ready: 3 * SECOND };

describeCluster("the command line as the guard", ({ cluster }) => {
  let cli: BuiltCli;
  let guarded: GuardedPlace;
  beforeAll(async () => {
    [cli, guarded] = await Promise.all([buildCli(), guardCluster(cluster)]);
  });
  afterAll(async () => {
    await guarded?.leave();
    await cli?.remove();
  });

  const runAs = async (user: TestUser | "admin", args: readonly string[], options?: RunOptions): Promise<Ended> => {
    const ended = await cli.run([...args, "--kubeconfig", cluster.kubeconfig(user)], options);
    expect(ended.stdout + ended.stderr).not.toContain(GUARD.token);
    return ended;
  };

  const restartedAt = async ({ kind, namespace, name }: GatewayRef): Promise<string | undefined> => {
    const { spec } = await cluster.api.get<KubeObject>(workloadPath(kind, namespace, name));
    return spec.template.metadata.annotations?.[RESTARTED_AT_ANNOTATION];
  };

  describe("doctor", () => {
    let gateway: GatewayRef;
    beforeAll(async () => {
      gateway = await guarded.place({});
    });

    const doctor = async (user: TestUser | "admin" = "keeper", ...more: readonly string[]) => {
      const args = ["doctor", "--namespace", gateway.namespace, "--output", "json", ...more];
      const { code, stdout } = await runAs(user, args);
      const { clusters } = checkupSchema.parse(JSON.parse(stdout));
      const checks = clusters[0]?.checks ?? [];
      return {
        code,
        of: (name: CheckupReport["clusters"][number]["checks"][number]["check"]) =>
          checks.filter(({ check }) => check === name),
        checks,
      };
    };

    test("finds everything in order, and changes nothing", async () => {
      const { code, checks } = await doctor();
      expect(checks.filter(({ state }) => state !== "ok")).toMatchObject([{ check: "ArgoRollouts", state: "skipped" }]);
      expect(code).toBe(0);
      expect(await restartedAt(gateway)).toBeUndefined();
    });

    test("finds who only looks in order for that, and tries no restart", async () => {
      const since = await cluster.audit.mark();
      const { code, checks, of } = await doctor("looker", "--read-only");
      expect(checks.filter(({ state }) => state !== "ok")).toMatchObject([
        { check: "AdmissionPolicy", state: "skipped" },
        { check: "ArgoRollouts", state: "skipped" },
      ]);
      expect(of("ExcessPermission")).toMatchObject([{ state: "ok" }]);
      expect(code).toBe(0);
      const asked = await cluster.audit.events({ since, user: LOOKER.user });
      expect(asked).not.toEqual([]);
      expect(asked.filter(({ verb }) => verb === "patch")).toEqual([]);
    });

    test("tells who only looks what a restart takes, and who restarts what is too much to look", async () => {
      const looker = await doctor("looker");
      expect(looker.of("Permission").map(({ subject }) => subject)).toContain(
        `patch deployments.apps in namespace ${gateway.namespace}`,
      );
      expect(looker.code).toBe(2);
      const keeper = await doctor("keeper", "--read-only");
      expect(keeper.of("ExcessPermission")).toMatchObject(
        ["patch deployments.apps", "patch daemonsets.apps", "patch statefulsets.apps", "create events"].map((what) => ({
          state: "warning",
          subject: `${what} in namespace ${gateway.namespace}`,
        })),
      );
    });

    test("tells an administrator what is too much, and that nothing confines him", async () => {
      const { code, of } = await doctor("admin");
      expect(of("Permission")).toMatchObject([{ state: "ok" }]);
      expect(of("ExcessPermission").map(({ subject }) => subject)).toEqual(
        expect.arrayContaining([
          `create, update, delete deployments.apps in namespace ${gateway.namespace}`,
          `get, create pods/exec in namespace ${gateway.namespace}`,
          `update, patch deployments.apps/scale in namespace ${gateway.namespace}`,
        ]),
      );
      expect(of("AdmissionPolicy")).toMatchObject([{ state: "wrong" }]);
      expect(code).toBe(2);
    });

    test("tells somebody without permissions all that is missing", async () => {
      const { code, of } = await doctor("nobody");
      expect(of("Permission").length).toBeGreaterThan(10);
      const lesser = of("Permission").filter(({ state }) => state !== "wrong");
      expect(lesser).toMatchObject([{ subject: `create events in namespace ${gateway.namespace}`, state: "warning" }]);
      expect(of("ExcessPermission")).toMatchObject([{ state: "ok" }]);
      expect(of("AdmissionPolicy")).toMatchObject([{ state: "unknown" }]);
      expect(code).toBe(2);
    });

    test("finds a change that is made to every write, with which the policy refuses a restart", async () => {
      const name = "stamp-workloads";
      const group = { apiVersion: "admissionregistration.k8s.io/v1" };
      const match = {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": gateway.namespace } },
        resourceRules: [
          { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["deployments"] },
        ],
      };
      const mutation = {
        patchType: "ApplyConfiguration",
        applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"stamp": "yes"}}}' },
      };
      await cluster.apply([
        {
          ...group,
          kind: "MutatingAdmissionPolicy",
          metadata: { name },
          spec: { matchConstraints: match, mutations: [mutation], reinvocationPolicy: "Never", failurePolicy: "Fail" },
        },
        { ...group, kind: "MutatingAdmissionPolicyBinding", metadata: { name }, spec: { policyName: name } },
      ]);
      try {
        await waitFor("the change to be in force", async () => (await doctor()).of("Restart")[0]?.state === "wrong");
        const { code, of } = await doctor();
        expect(of("Restart")).toMatchObject([{ message: expect.stringContaining("mutating webhook") }]);
        expect(of("AdmissionPolicy")).toMatchObject([{ state: "unknown" }]);
        expect(code).toBe(2);
      } finally {
        for (const kind of ["mutatingadmissionpolicybindings", "mutatingadmissionpolicies"])
          await cluster.api.delete(`/apis/${group.apiVersion}/${kind}/${name}`);
      }
      await waitFor("the change to be gone", async () => (await doctor()).code === 0);
    });

    test("finds a policy that was made for another selector", async () => {
      await enforcePolicy(cluster, gateway.namespace, { selector: "app=edge" });
      try {
        await waitFor("it to be in force", async () => (await doctor()).of("Restart")[0]?.state === "wrong");
        const { code, of } = await doctor();
        expect(of("Restart")).toMatchObject([{ message: expect.stringContaining("apply manifests --selector") }]);
        expect(code).toBe(2);
      } finally {
        await enforcePolicy(cluster, gateway.namespace);
      }
      await waitFor("the selector to be right again", async () => (await doctor()).code === 0);
    });

    test("finds the policy taken away", async () => {
      const binding = POLICY_PATH.replace("policies/", "policybindings/");
      const { metadata, ...rest } = await cluster.api.get<KubeObject>(binding);
      await cluster.api.delete(binding);
      try {
        await waitFor(
          "the policy to be gone",
          async () => (await doctor()).of("AdmissionPolicy")[0]?.state === "wrong",
        );
      } finally {
        await cluster.apply({ ...rest, metadata: { name: metadata.name } });
      }
      await waitFor("the policy to be back", async () => (await doctor()).code === 0);
    });
  });

  describe("remediate", () => {
    const remediate = (gateway: GatewayRef, more: readonly string[] = [], options?: RunOptions) =>
      runAs("keeper", ["remediate", "--namespace", gateway.namespace, "--output", "json", ...more], options);
    const outcomesOf = (stdout: string): Report["gateways"][number]["outcome"][] =>
      reportSchema.parse(JSON.parse(stdout)).gateways.map(({ outcome }) => outcome);

    test("as a dry run asks the API server, and changes nothing", async () => {
      const gateway = await guarded.place({ age: 61 * DAY });
      const { code, stderr, stdout } = await remediate(gateway, ["--dry-run"]);
      expect(stderr).toMatch(
        /^dry run: nothing was changed\n\S+: \S+\/apisix: the API server would accept the restart\.\n$/,
      );
      expect(outcomesOf(stdout)).toEqual([null]);
      expect(code).toBe(0);
      expect(await restartedAt(gateway)).toBeUndefined();
    });

    test("can be stopped by Ctrl-C in the middle, and the next run finishes the job", async () => {
      const gateway = await guarded.place({ age: 61 * DAY, delays: SLOW });
      const name = `${gateway.namespace}/apisix`;
      const stopped = await remediate(gateway, [], { interruptAt: "pods new" });
      expect(stopped.stderr).toContain(`${name}: restarting it (RestartIntervalReached)\n${name}: rolling since `);
      expect(stopped.stderr.trimEnd().split("\n").at(-1)).toMatch(
        /^apisix-token-guard: interrupted\. \S+\/apisix is rolling since \S+Z; the rollout goes on by itself, the next run proves it\.$/,
      );
      expect(stopped).toMatchObject({ code: 130, stdout: "" });

      const finished = await remediate(gateway);
      expect(finished.stderr.split("\n")[0]).toMatch(/was restarted before this run, at \S+Z$/);
      expect(finished.stderr).toContain(`${name}: renewed. Every pod was replaced`);
      expect(outcomesOf(finished.stdout)).toMatchObject([{ result: "renewed" }]);
      expect(finished.code).toBe(0);
      expect(await guarded.history.restartsOf(gateway)).toHaveLength(1);
    });
  });

  describe("refresh", () => {
    const refresh = (gateway: GatewayRef, ...more: readonly string[]) =>
      runAs("keeper", ["refresh", `${gateway.namespace}/apisix`, "--namespace", gateway.namespace, ...more]);

    test("restarts a gateway that is not due, and shows it", async () => {
      const gateway = await guarded.place({ kind: "StatefulSet" });
      const { code, stdout, stderr } = await refresh(gateway);
      expect(stderr).toMatch(/renewed\. Every pod was replaced/);
      expect(stdout).toMatch(/✓ healthy .*outcome +renewed:/s);
      expect(code).toBe(0);
      expect(await guarded.history.restartsOf(gateway)).toHaveLength(1);
    });

    test("does not restart a gateway whose owners forbid it, and says why", async () => {
      const gateway = await guarded.place({ annotations: { "apisix-token-guard/skip": "true" } });
      const { code, stdout, stderr } = await refresh(gateway);
      expect(stdout).toContain("OptedOut");
      expect(stderr).toContain(`${gateway.namespace}/apisix was not restarted; the report says why`);
      expect(code).toBe(2);
      expect(await restartedAt(gateway)).toBeUndefined();
    });

    const WEB = { name: "web", replicas: 0 };
    const NO_APISIX = { template: { spec: { containers: [{ name: "web", image: "nginx:1.29" }] } } };

    it.each<[string, (namespace: string) => KubeObject[], string, RegExp]>([
      ["misspelt", () => [], "apisx", /NoGatewayFound: There is no gateway \S+\/apisx; did you mean \S+\/apisix\?\n$/],
      [
        "of two workloads",
        (namespace) => [gatewayStatefulSet({ name: "apisix", namespace, replicas: 0 })],
        "apisix",
        /BadUsage: \S+\/apisix is a Deployment and a StatefulSet; say which with --kind\.\n$/,
      ],
      [
        "of a workload that the selector leaves out",
        (namespace) => [gatewayDeployment({ ...WEB, namespace, labels: { "app.kubernetes.io/name": "web" } })],
        "web",
        /NoGatewayFound: \S+\/web is a Deployment and no gateway: it does not match gateways\.selector \(\S+\)\.\n$/,
      ],
      [
        "of a workload without APISIX",
        (namespace) => [gatewayDeployment({ ...WEB, namespace, spec: NO_APISIX })],
        "web",
        /NoGatewayFound: \S+\/web is no gateway: none of its containers looks like APISIX\.\n$/,
      ],
    ])("restarts nothing by a name that is %s", async (_, more, name, says) => {
      const { namespace } = await guarded.place({});
      await cluster.apply(more(namespace));
      const since = await cluster.audit.mark();
      const { code, stdout, stderr } = await runAs("keeper", [
        "refresh",
        `${namespace}/${name}`,
        ...["--namespace", namespace],
      ]);
      expect(stderr).toMatch(says);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(await cluster.audit.writes({ since, user: GUARD.user })).toEqual([]);
    });

    test("refuses a name that is none", async () => {
      const gateway = await guarded.place({});
      const { code, stdout, stderr } = await refresh(gateway, "--kind", "DaemonSet");
      expect(stderr).toMatch(/BadUsage: \S+\/apisix is not a DaemonSet, it is a Deployment; leave out --kind\.\n$/);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    });
  });
});
