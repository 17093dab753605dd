import { describe, expect, it } from "vitest";
import { excessPermissions, grantedPermissions } from "../../src/manifests/permissions.ts";
import { describePermission } from "../../src/model/asked.ts";

describe("the permissions that are granted", () => {
  it("are cluster-wide where no namespace is named", () => {
    expect(new Set(grantedPermissions([]).map(({ namespace }) => namespace))).toEqual(new Set([null]));
  });

  it("are those of the rules, in each namespace, and a few questions to the cluster", () => {
    const granted = grantedPermissions(["edge", "partner"]).map(describePermission);
    expect(granted).toContain("patch deployments.apps in namespace edge");
    expect(granted).toContain("patch deployments.apps in namespace partner");
    expect(granted).toContain("get pods/log in namespace edge");
    expect(granted).toContain("create subjectaccessreviews.authorization.k8s.io in all namespaces");
    expect(granted).not.toContain("patch deployments.apps in all namespaces");
    expect(new Set(granted).size).toBe(granted.length);
  });

  it.each([false, true])("and those that are too much have nothing in common, with the probe: %s", (probe) => {
    const granted = grantedPermissions([], { probe }).map(describePermission);
    const excess = excessPermissions(null, { probe }).map(describePermission);
    const exec = ["get pods/exec in all namespaces", "create pods/exec in all namespaces"];
    expect(probe ? granted : excess).toEqual(expect.arrayContaining(exec));
    expect(excess.filter((permission) => granted.includes(permission))).toEqual([]);
    expect(excess).toContain("delete pods in all namespaces");
  });
});
