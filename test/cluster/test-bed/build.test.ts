import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BINARY_NAMES, LOG_CRDS } from "../../support/control-plane/build/binaries.ts";

const SCRIPT = join(import.meta.dirname, "../../support/control-plane/build.ts");

/** Stands in for Go: notes which packages it was asked to build, and fails for the one in FAKE_BROKEN. */
const FAKE_GO = `#!/bin/sh
case "$1" in
  env) printf '%s\\nlinux\\namd64\\n' "\${FAKE_VERSION:-go9.9.9}" ;;
  list) echo "$FAKE_MODULE" ;;
  build)
    while [ "$1" != -o ]; do shift; done
    sleep 0.05
    case "$3" in *"\${FAKE_BROKEN:-none}") echo "syntax error in $3" >&2; exit 1 ;; esac
    echo "$3" >> "$FAKE_LOG"
    echo program > "$2" ;;
esac
`;

describe("building the control plane's programs", () => {
  let directory: string;
  let env: Record<string, string>;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "build-"));
    const file = (...path: string[]) => join(directory, ...path);
    const crds = file("module", "kustomize", "crd", "bases");
    for (const name of [file("bin"), file("assets"), crds]) mkdirSync(name, { recursive: true });
    for (const name of LOG_CRDS) writeFileSync(join(crds, name), "kind: CustomResourceDefinition\n");
    writeFileSync(file("bin", "go"), FAKE_GO);
    chmodSync(file("bin", "go"), 0o755);
    env = {
      PATH: `${file("bin")}:/usr/bin:/bin`,
      XDG_CACHE_HOME: file("cache"),
      FAKE_MODULE: file("module"),
      FAKE_LOG: file("built"),
    };
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const build = (more: Record<string, string> = {}): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [SCRIPT], { env: { ...env, ...more }, encoding: "utf8" });
  const paths = (result: SpawnSyncReturns<string>) => result.stdout.trim().split("\n");
  const built = () => (existsSync(join(directory, "built")) ? lines(join(directory, "built")) : []);
  const lines = (file: string) => readFileSync(file, "utf8").trim().split("\n");

  test("builds each once, says so, and not again", () => {
    const first = build();
    expect(first.stderr).toContain(`[1/${BINARY_NAMES.length}] etcd`);
    expect(paths(first).every((path) => existsSync(path))).toBe(true);
    expect(built()).toHaveLength(BINARY_NAMES.length);
    const second = build();
    expect(second.stderr).toBe("");
    expect(second.stdout).toBe(first.stdout);
    expect(built()).toHaveLength(BINARY_NAMES.length);
  });

  test("another compiler has a cache of its own", () => {
    expect(build({ FAKE_VERSION: "go9.9.10" }).stdout).not.toBe(build().stdout);
    expect(built()).toHaveLength(2 * BINARY_NAMES.length);
  });

  test("takes from KUBEBUILDER_ASSETS what is there, and builds only what is not", () => {
    const assets = join(directory, "assets");
    for (const name of ["etcd", "kube-apiserver"]) writeFileSync(join(assets, name), "");
    const result = build({ KUBEBUILDER_ASSETS: assets });
    expect(paths(result).filter((path) => dirname(path) === assets)).toHaveLength(2);
    expect(built()).toHaveLength(BINARY_NAMES.length - 2);
    expect(built().join()).not.toMatch(/etcd|kube-apiserver/);
  });

  test("two processes at once do not build twice", async () => {
    const both = [1, 2].map(() => spawn(process.execPath, [SCRIPT], { env, stdio: "ignore" }));
    const codes = await Promise.all(both.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0]);
    expect(built()).toHaveLength(BINARY_NAMES.length);
  });

  test("a lock whose owner is gone is taken over", () => {
    const cache = dirname(paths(build())[0] ?? "");
    rmSync(join(cache, "kwok"));
    const dead = spawnSync("true").pid;
    writeFileSync(join(cache, "lock"), String(dead));
    expect(build().status).toBe(0);
    expect(readdirSync(cache)).toContain("kwok");
    expect(readdirSync(cache)).not.toContain("lock");
  });

  test("a failure shows what Go said, leaves nothing half done, and the next run goes on from there", () => {
    const failed = build({ FAKE_BROKEN: "kube-scheduler" });
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("syntax error in k8s.io/kubernetes/cmd/kube-scheduler");
    const before = built().length;
    const result = build();
    expect(result.status).toBe(0);
    expect(built()).toHaveLength(BINARY_NAMES.length);
    expect(before).toBeGreaterThan(0);
    expect(readdirSync(dirname(paths(result)[0] ?? "")).sort()).toEqual([...BINARY_NAMES, ...LOG_CRDS].sort());
  });

  test("without Go it says so", () => {
    const result = build({ PATH: join(directory, "assets") });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("`go` is not on the PATH");
  });
});
