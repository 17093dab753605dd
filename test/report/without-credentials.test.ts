import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { showPath, withoutCredentials } from "../../src/report/without-credentials.ts";
import { findLeaks } from "../support/canaries/finder.ts";
import { CANARIES, KINDS } from "../support/canaries/inventory.ts";

describe("a text that is repeated to whoever wrote it", () => {
  it.each(KINDS.misplaced.map((name) => [name, CANARIES[name]]))("does not show %s", (_name, secret) => {
    const forms = [
      secret,
      `"${secret}"`,
      `--token=${secret}`,
      `Bearer ${secret}`,
      `a ${secret} b`,
      `/home/me/${secret}`,
    ];
    for (const form of forms) expect(findLeaks(withoutCredentials(form))).toEqual([]);
  });

  it.each([
    ["https://me:hunter2@proxy.example:8080", "https://[looks like a credential]@proxy.example:8080"],
    ["--password=hunter2", "--password=[looks like a credential]"],
    ["--token=eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "--token=[looks like a credential]"],
    ["key: -----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n", "key: [looks like a credential]"],
    ["{ token: 'hunter2' }", "{ token: '[looks like a credential]' }"],
    ["/nix/store/x7k2p9qw4bz1mv8c-conf/guard.yml", "/nix/store/[looks like a credential]/guard.yml"],
  ])("does not show all of %s", (text, shown) => {
    expect(withoutCredentials(text)).toBe(shown);
  });

  it.each([
    "60 days",
    "2026-12-24T18:00:00Z",
    "arn:aws:iam::123456789012:role/apisix-token-guard",
    "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
    "gke_my-project-123456_europe-west1-b_cluster-1",
    "app.kubernetes.io/name=apisix,app.kubernetes.io/component!=control-plane",
    "Europe/Berlinn",
    "/home/Alice/Projects2/kubeconfigs/production-eu-west-1.yaml",
    "/tmp/guard-cli-aB3dE9/audit-2026-11-27T10-00-00.000.log.gz",
    "unknown option '--contxt' (Did you mean --context?)",
    "the token of a gateway",
    "--tokn",
  ])("is shown as it is where it is none: %s", (text) => {
    expect(withoutCredentials(text)).toBe(text);
  });

  it("never takes long", () => {
    const long = fc.string({
      unit: fc.constantFrom("e", "y", "J", "=", ":", "/", "@", "-", "token", "\n", "a1"),
      maxLength: 5_000,
    });
    fc.assert(
      fc.property(long, (text) => {
        const start = performance.now();
        withoutCredentials(text);
        expect(performance.now() - start).toBeLessThan(1_000);
      }),
    );
  });
});

describe("a path", () => {
  it("is shown whole, on one line", () => {
    expect(showPath("conf/guard\u001b.yml")).toBe("conf/guard\\u{1b}.yml");
  });

  it.each(["apiVersion: v1\nusers: [{ password: hunter2 }]", '{"users":[{"password":"hunter2"}]}'])(
    "that is the content of a file is not shown: %s",
    (text) => {
      expect(showPath(text)).toBe("[a text, not the path of a file]");
    },
  );
});
