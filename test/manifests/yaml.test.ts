import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { admissionManifests } from "../../src/manifests/admission-policy.ts";
import { isGroup } from "../../src/manifests/group.ts";
import { rbacManifests } from "../../src/manifests/rbac.ts";
import { manifestsYaml } from "../../src/manifests/yaml.ts";

const selector = "app.kubernetes.io/name=apisix";

const documentsOf = (text: string) =>
  parseAllDocuments(text, { version: "1.1" }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });

describe("the manifests as YAML", () => {
  it.each([
    { group: "apisix-token-guard", readGroup: "apisix-token-guard-read", namespaces: [], selector },
    { group: "oidc:token guard", readGroup: "no", namespaces: ["edge", "no", "123"], selector: "app in (edge), no" },
    { group: "g", readGroup: "r", namespaces: [], selector, probe: true },
    { group: "g", readGroup: "r", namespaces: [], selector, reload: true },
  ])("are those of the functions, also to a reader of YAML 1.1: %o", (options) => {
    expect(documentsOf(manifestsYaml(options))).toEqual([...rbacManifests(options), ...admissionManifests(options)]);
  });

  it("have nothing of pods/exec, unless the probe is asked for", () => {
    const options = { group: "g", readGroup: "r", namespaces: ["edge"], selector };
    expect(manifestsYaml(options)).not.toContain("pods/exec");
    const [header = "", ...rest] = manifestsYaml({ ...options, probe: true }).split("---\n");
    expect(header).toMatch(/For evidence\.probe/);
    expect(header).not.toMatch(/Not granted at all:.* exec/);
    expect(rest.filter((manifest) => manifest.includes("pods/exec")).length).toBe(3);
    expect(rest.some((manifest) => manifest.includes("kill"))).toBe(false);
  });

  it("have the second command only where the reload is asked for, and the probe with it", () => {
    const options = { group: "g", readGroup: "r", namespaces: ["edge"], selector, reload: true };
    const [header = "", ...rest] = manifestsYaml(options).split("---\n");
    expect(header).toMatch(/and for cure: reload, of "g", to a second one/);
    expect(rest.filter((manifest) => manifest.includes("pods/exec")).length).toBe(3);
    expect(rest.filter((manifest) => manifest.includes("kill -TERM")).length).toBe(1);
    expect(rbacManifests(options)).toEqual(rbacManifests({ ...options, reload: false, probe: true }));
  });

  it("stand each by itself, without aliases", () => {
    expect(manifestsYaml({ group: "g", readGroup: "r", namespaces: ["a", "b"], selector })).not.toMatch(/[:-] [&*]\w/);
  });

  it("begin with what is allowed to whom and where, and what never is", () => {
    const groups = { group: "oidc:guard", readGroup: "oidc:looker" };
    const [header = ""] = manifestsYaml({ ...groups, namespaces: ["edge", "partner"], selector: "app=edge" }).split(
      "---\n",
    );
    expect(header.split("\n").filter((line) => !line.startsWith("#"))).toEqual([""]);
    expect(header).toContain("members of two groups may do in namespace edge, partner");
    expect(header).toContain("\n#     app=edge,app.kubernetes.io/component!=control-plane\n");
    expect(header).toMatch(
      /"oidc:looker", for who only looks, may read[\s\S]*"oidc:guard", for who restarts,[\s\S]*Never/,
    );
  });

  it("give each group a role of its own, which holds all that it needs", () => {
    const options = { group: "g", readGroup: "r", namespaces: ["edge"], selector };
    const bindings = rbacManifests(options).filter(({ kind }) => kind.endsWith("Binding"));
    expect(bindings.map(({ kind, subjects, roleRef }) => [kind, subjects, roleRef])).toEqual(
      [
        ["r", "apisix-token-guard-read"],
        ["g", "apisix-token-guard"],
      ].flatMap(([group, name]) =>
        ["Role", "ClusterRole"].map((kind) => [
          `${kind}Binding`,
          [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
          { apiGroup: "rbac.authorization.k8s.io", kind, name },
        ]),
      ),
    );
  });

  it.each([false, true])("have policies that look at both groups, with the probe: %s", (probe) => {
    const policies = admissionManifests({ group: "g", readGroup: "r", selector, probe })
      .filter(({ kind }) => kind === "ValidatingAdmissionPolicy")
      .map(({ spec }) => (spec as { matchConditions: { expression: string }[] }).matchConditions);
    expect(policies).toHaveLength(probe ? 2 : 1);
    for (const conditions of policies)
      expect(conditions).toMatchObject([{ expression: expect.stringContaining("one in ['g', 'r']") }]);
  });
});

describe("a group", () => {
  it.each(["apisix-token-guard", "oidc:team a/b", "arn:aws:iam::1:role/x", "system:serviceaccounts:guard", "g"])(
    "%j is taken",
    (group) => {
      expect(isGroup(group)).toBe(true);
    },
  );

  it.each([
    "",
    " ",
    " guard",
    "guard ",
    "a'b",
    'a"b',
    "a`b",
    "a\\b",
    "a\nb",
    "a\u0000b",
    "a\u202eb",
    "gärd",
    "x".repeat(254),
    "' in ['x'] || 'a",
    "system:masters",
    "system:authenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:a:b",
    "system:nodes",
  ])("%j is refused", (group) => {
    expect(isGroup(group)).toBe(false);
  });
});
