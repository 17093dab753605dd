import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { admissionManifests } from "../../src/manifests/admission-policy.ts";
import { isGroup } from "../../src/manifests/group.ts";
import { rbacManifests } from "../../src/manifests/rbac.ts";
import { manifestsYaml } from "../../src/manifests/yaml.ts";

const documentsOf = (text: string) =>
  parseAllDocuments(text, { version: "1.1" }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });

describe("the manifests as YAML", () => {
  it.each([
    { group: "apisix-token-guard", namespaces: [] },
    { group: "oidc:token guard", namespaces: ["edge", "no", "123"] },
    { group: "g", namespaces: [], probe: true },
  ])("are those of the functions, also to a reader of YAML 1.1: %o", (options) => {
    expect(documentsOf(manifestsYaml(options))).toEqual([...rbacManifests(options), ...admissionManifests(options)]);
  });

  it("have nothing of pods/exec, unless the probe is asked for", () => {
    const options = { group: "g", namespaces: ["edge"] };
    expect(manifestsYaml(options)).not.toContain("pods/exec");
    const [header = "", ...rest] = manifestsYaml({ ...options, probe: true }).split("---\n");
    expect(header).toMatch(/For evidence\.probe/);
    expect(header).not.toMatch(/Not granted at all:.* exec/);
    expect(rest.filter((manifest) => manifest.includes("pods/exec")).length).toBe(2);
  });

  it("stand each by itself, without aliases", () => {
    expect(manifestsYaml({ group: "g", namespaces: ["a", "b"] })).not.toMatch(/[:-] [&*]\w/);
  });

  it("begin with what is allowed to whom and where, and what never is", () => {
    const [header = ""] = manifestsYaml({ group: "oidc:guard", namespaces: ["edge", "partner"] }).split("---\n");
    expect(header.split("\n").filter((line) => !line.startsWith("#"))).toEqual([""]);
    expect(header).toContain('members of group "oidc:guard" may do in namespace edge, partner');
    expect(header).toMatch(/Allowed: .*\n[\s\S]*Never/);
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
