import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The module whose `go.mod` pins every version; nothing else in the repository names one. */
export const TOOLS_MODULE = join(import.meta.dirname, "../../../cluster/tools");

/** Program and the Go package it is built from. */
export const PACKAGES = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
  kwok: "sigs.k8s.io/kwok/cmd/kwok",
  "aws-iam-authenticator": "sigs.k8s.io/aws-iam-authenticator/cmd/aws-iam-authenticator",
} as const;
export type BinaryName = keyof typeof PACKAGES;
export const BINARY_NAMES = Object.keys(PACKAGES) as BinaryName[];

/** The two kinds by which kwok serves `pods/log`; files of its own module, in the version that was built. */
export const LOG_CRDS = ["kwok.x-k8s.io_logs.yaml", "kwok.x-k8s.io_clusterlogs.yaml"] as const;

/** What a start needs. Plain data, so that a global setup can hand it to its workers. */
export interface Binaries {
  readonly paths: Readonly<Record<BinaryName, string>>;
  readonly crds: readonly string[];
}

/** `-trimpath` and no cgo make the output independent of the machine; `-buildvcs=false` needs no Git checkout. */
export const BUILD_FLAGS = ["-trimpath", "-buildvcs=false"] as const;

/** Without these `/version` would answer `v0.0.0-master`, and clients that look at the version would be misled. */
export function linkerFlags(): string {
  const version = pinnedVersion("k8s.io/kubernetes");
  const [major, minor] = version.slice(1).split(".");
  const variables = {
    "k8s.io/component-base/version.gitVersion": version,
    "k8s.io/component-base/version.gitMajor": major,
    "k8s.io/component-base/version.gitMinor": minor,
    "k8s.io/component-base/version.gitTreeState": "clean",
    "k8s.io/client-go/pkg/version.gitVersion": version,
  };
  return ["-s", "-w", ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}

function pinnedVersion(module: string): string {
  const lines = readFileSync(join(TOOLS_MODULE, "go.mod"), "utf8").split("\n");
  const requirement = lines.map((line) => line.trim().split(" ")).find(([name, version]) => name === module && version);
  if (requirement?.[1] === undefined) throw new Error(`${TOOLS_MODULE}/go.mod does not pin ${module}`);
  return requirement[1];
}

/** One directory per combination of versions, flags and compiler: an old one is never mistaken for a new one. */
export function cacheDirectory(goVersion: string, platform: string): string {
  const key = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) key.update(readFileSync(join(TOOLS_MODULE, file)));
  key.update(JSON.stringify([PACKAGES, BUILD_FLAGS, linkerFlags(), goVersion, platform]));
  const root = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(root, "apisix-token-guard", "control-plane", key.digest("hex").slice(0, 16));
}

/**
 * Programs that need not be built: `KUBEBUILDER_ASSETS` is the directory which setup-envtest and its users
 * share, usually with etcd and kube-apiserver in it.
 */
export function providedBinary(name: BinaryName): string | undefined {
  const directory = process.env.KUBEBUILDER_ASSETS;
  if (!directory) return undefined;
  const path = join(directory, name);
  return existsSync(path) ? path : undefined;
}
