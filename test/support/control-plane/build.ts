import { execFile } from "node:child_process";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  BINARY_NAMES,
  type Binaries,
  type BinaryName,
  BUILD_FLAGS,
  cacheDirectory,
  LOG_CRDS,
  linkerFlags,
  PACKAGES,
  providedBinary,
  TOOLS_MODULE,
} from "./build/binaries.ts";
import { withLock } from "./build/lock.ts";
import { reported, say } from "./build/progress.ts";
import { toolchain } from "./build/toolchain.ts";

const run = promisify(execFile);

/**
 * The programs of the control plane, built where they are missing.
 *
 * With nothing cached this takes about seven minutes on two cores; afterwards a few milliseconds.
 *
 * @throws when `go` is missing or a build fails; a suite asks {@link toolchain} first.
 */
export async function buildBinaries(): Promise<Binaries> {
  const go = toolchain();
  if (!go.ok) throw new Error(go.reason);
  const directory = cacheDirectory(go.goVersion, go.platform);
  await mkdir(directory, { recursive: true });
  const wanted = locate(directory);
  if ((await missing(wanted)).length > 0) {
    const onWait = (owner: number) => say(`process ${owner} is building already, waiting for it`);
    await withLock(join(directory, "lock"), onWait, () => buildMissing(wanted));
  }
  return wanted;
}

function locate(directory: string): Binaries {
  const path = (name: BinaryName) => [name, providedBinary(name) ?? join(directory, name)];
  return {
    paths: Object.fromEntries(BINARY_NAMES.map(path)) as Record<BinaryName, string>,
    crds: LOG_CRDS.map((file) => join(directory, file)),
  };
}

async function missing(wanted: Binaries): Promise<string[]> {
  const files = [...Object.values(wanted.paths), ...wanted.crds];
  const present = await Promise.all(files.map((file) => stat(file).then(Boolean, () => false)));
  return files.filter((_, index) => !present[index]);
}

/** Looks again for what is missing: while this process waited for the lock, another may have built everything. */
async function buildMissing(wanted: Binaries): Promise<void> {
  const files = new Set(await missing(wanted));
  const names = BINARY_NAMES.filter((name) => files.has(wanted.paths[name]));
  if (names.length > 0) say(`building ${names.length} programs with Go, the first time this takes minutes`);
  for (const [index, name] of names.entries()) {
    await reported(`[${index + 1}/${names.length}] ${name}`, () => build(name, wanted.paths[name]));
  }
  await copyCrds(wanted);
}

/** Explicit flags instead of `go tool`, which builds with others and therefore a second time. */
async function build(name: BinaryName, path: string): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await run("go", ["build", ...BUILD_FLAGS, "-ldflags", linkerFlags(), "-o", partial, PACKAGES[name]], {
      cwd: TOOLS_MODULE,
      env: { ...process.env, CGO_ENABLED: "0" },
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Copied beside the binaries so that a start needs no Go at all. */
async function copyCrds(wanted: Binaries): Promise<void> {
  const { stdout } = await run("go", ["list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok"], { cwd: TOOLS_MODULE });
  for (const [index, file] of LOG_CRDS.entries()) {
    const target = wanted.crds[index] as string;
    await copyFile(join(stdout.trim(), "kustomize/crd/bases", file), `${target}.partial`);
    await rename(`${target}.partial`, target);
  }
}

if (import.meta.main) {
  const { paths } = await buildBinaries();
  process.stdout.write(`${Object.values(paths).join("\n")}\n`);
}
