import { describe, expect, it } from "vitest";
import { excessPermissions, grantedPermissions } from "../../src/manifests/permissions.ts";
import { describePermission } from "../../src/model/asked.ts";

describe("the permissions that are granted", () => {
  it("are cluster-wide where no namespace is named", () => {
    expect(new Set(grantedPermissions("restart", []).map(({ namespace }) => namespace))).toEqual(new Set([null]));
  });

  it("are those of the rules, in each namespace, and a few questions to the cluster", () => {
    const granted = grantedPermissions("restart", ["edge", "partner"]).map(describePermission);
    expect(granted).toContain("patch deployments.apps in namespace edge");
    expect(granted).toContain("patch deployments.apps in namespace partner");
    expect(granted).toContain("get pods/log in namespace edge");
    expect(granted).toContain("create subjectaccessreviews.authorization.k8s.io in all namespaces");
    expect(granted).not.toContain("patch deployments.apps in all namespaces");
    expect(new Set(granted).size).toBe(granted.length);
  });

  it.each([
    ["read", false],
    ["read", true],
    ["restart", false],
    ["restart", true],
  ] as const)("to %s and those that are too much have nothing in common, with the probe: %s", (purpose, probe) => {
    const granted = grantedPermissions(purpose, [], { probe }).map(describePermission);
    const excess = excessPermissions(purpose, null, { probe }).map(describePermission);
    const exec = ["get pods/exec in all namespaces", "create pods/exec in all namespaces"];
    expect(probe ? granted : excess).toEqual(expect.arrayContaining(exec));
    expect(excess.filter((permission) => granted.includes(permission))).toEqual([]);
    expect(excess).toContain("delete pods in all namespaces");
  });

  it.each([false, true])("to who only looks are some of those to who restarts, with the probe: %s", (probe) => {
    const read = grantedPermissions("read", ["edge"], { probe }).map(describePermission);
    const restart = grantedPermissions("restart", ["edge"], { probe }).map(describePermission);
    const workloads = ["deployments.apps", "daemonsets.apps", "statefulsets.apps"];
    const more = workloads.flatMap((resource) => ["get", "watch", "patch"].map((verb) => `${verb} ${resource}`));
    expect(restart.filter((permission) => !read.includes(permission))).toEqual(
      [...more, "create events"].map((permission) => `${permission} in namespace edge`),
    );
    expect(read.filter((permission) => !restart.includes(permission))).toEqual([]);
  });

  it("that change something are too much for who only looks, and all of them", () => {
    const read = grantedPermissions("read", []).map(describePermission);
    const changes = grantedPermissions("restart", [])
      .filter(({ verb }) => !["get", "list", "watch"].includes(verb))
      .map(describePermission)
      .filter((permission) => !read.includes(permission));
    const excess = excessPermissions("read", null).map(describePermission);
    expect(changes).toHaveLength(4);
    expect(excess).toEqual([...excessPermissions("restart", null).map(describePermission), ...changes]);
  });
});
