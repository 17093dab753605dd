import { DEFAULT_TOKEN_FILE, type DiscoveryCluster, type GatewayConfig } from "../model/discovery.ts";
import type { KubeContainer, KubePodSpec } from "../model/kubernetes.ts";
import type { TokenSource } from "../model/token.ts";

/** What the API server fills in, in seconds, for a token source that does not say how long. */
const DEFAULT_EXPIRATION_SECONDS = 3600;

/** What APISIX reads unless told otherwise; presumed where the configuration is not known, or is off by now. */
const DEFAULT_CLUSTER: DiscoveryCluster = { token: { kind: "file", path: DEFAULT_TOKEN_FILE } };

const FILE: TokenSource = { kind: "file" };
const unknown = (why: string): TokenSource => ({ kind: "unknown", why });

/**
 * Where the token in the memory of a pod's APISIX container came from. `podSpec` is the pod's own, not its template's: Kubernetes adds
 * the volume with the token when the pod is admitted.
 *
 * Of several clusters the first one with a token that the kubelet renews decides, because that is the token a restart renews;
 * without one, the first cluster of all.
 */
export function tokenSourceOf(podSpec: KubePodSpec, containerName: string, config: GatewayConfig | null): TokenSource {
  const clusters = config?.discovery.state === "on" ? config.discovery.clusters : [DEFAULT_CLUSTER];
  const sources = clusters.map((cluster) => sourceOf(podSpec, containerName, cluster));
  return (
    sources.find(({ kind }) => kind === "projected") ??
    sources[0] ??
    unknown("The configuration names no cluster in which services are discovered.")
  );
}

function sourceOf(podSpec: KubePodSpec, containerName: string, { token }: DiscoveryCluster): TokenSource {
  if (token.kind === "static") return { kind: "static" };
  if (token.path.includes("$")) return unknown("An environment variable says where its token file is.");
  const container = podSpec.containers?.find(({ name }) => name === containerName);
  if (container === undefined) return unknown(`The pod has no container ${containerName}.`);

  const path = segments(token.path);
  const mount = deepestMount(container, path);
  if (mount === undefined) {
    if (path.join("/") !== segments(DEFAULT_TOKEN_FILE).join("/")) return FILE;
    return unknown("The pod mounts no ServiceAccount token (automountServiceAccountToken is off).");
  }
  // A subPath is bound once, when the container starts: what the kubelet writes later never gets there.
  if (mount.subPath !== undefined || mount.subPathExpr !== undefined) return FILE;

  const volume = podSpec.volumes?.find(({ name }) => name === mount.name);
  if (volume === undefined) return unknown("The pod has no such volume as its token file is mounted from.");
  const file = path.slice(mount.at.length).join("/");
  const source = volume.projected?.sources?.find(({ serviceAccountToken }) => serviceAccountToken?.path === file);
  if (source?.serviceAccountToken === undefined) return FILE;
  const { expirationSeconds } = source.serviceAccountToken;
  return {
    kind: "projected",
    expirationSeconds: Number.isInteger(expirationSeconds) ? Number(expirationSeconds) : DEFAULT_EXPIRATION_SECONDS,
    path: token.path,
  };
}

/** What is mounted over the file: of several mounts above it, the deepest. */
function deepestMount({ volumeMounts = [] }: KubeContainer, path: readonly string[]) {
  const [deepest] = volumeMounts
    .flatMap((mount) => (mount.mountPath === undefined ? [] : [{ ...mount, at: segments(mount.mountPath) }]))
    .filter(({ at }) => at.every((segment, index) => segment === path[index]))
    .sort((a, b) => b.at.length - a.at.length);
  return deepest;
}

/** The parts of an absolute path. `/var/run` is a link to `/run` in the images, so both name the same file. */
const segments = (path: string): string[] =>
  path
    .replace(/^\/var\/run(?=\/|$)/, "/run")
    .split("/")
    .filter((segment) => segment !== "");
