import { X509Certificate } from "node:crypto";
import { GuardError } from "../model/errors.ts";
import { withoutCredentials } from "../report/without-credentials.ts";
import { CLUSTER, type ClusterEntry, CONTEXT, USER } from "./kubeconfig/entries.ts";
import { type Entry, findFiles, type Kubeconfig, parseEntry, readFiles } from "./kubeconfig/files.ts";
import { IN_CLUSTER, inCluster } from "./kubeconfig/in-cluster.ts";
import { proxySettings } from "./kubeconfig/proxy.ts";
import { pem, signIn } from "./kubeconfig/sign-in.ts";
import type { ConnectOptions } from "./kubernetes/connect.ts";

/** Where the command line looks for clusters. */
export interface KubeconfigSource {
  /** `--kubeconfig`; null: KUBECONFIG, else `~/.kube/config`, else the ServiceAccount of the Pod this runs in. */
  readonly file: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Contexts {
  readonly names: readonly string[];
  /** null: none is marked as current. */
  readonly current: string | null;
}

/** A context that is signed in, ready for `connect`. */
export interface ContextConnection extends ConnectOptions {
  readonly name: string;
}

/** The contexts there are. Throws GuardError BadKubeconfig that names the file. */
export function listContexts(source: KubeconfigSource): Contexts {
  const files = findFiles(source.file, source.environment);
  if (files === null) return { names: [IN_CLUSTER], current: inClusterOrRefuse(source).name };
  const { contexts, currentContext } = readFiles(files);
  return { names: [...contexts.keys()], current: currentContext };
}

/**
 * One context, or the current one. Signs in once, so that a sign-in that cannot work is told before anything is read; the
 * first request uses that same sign-in. Throws GuardError: BadKubeconfig names the file, the place in it and, for an unknown
 * context, those there are; SignInFailed names the command or file that gave no credentials. Neither holds a token or what a
 * command printed.
 */
export async function fromContext(source: KubeconfigSource, name?: string): Promise<ContextConnection> {
  const files = findFiles(source.file, source.environment);
  if (files === null) return inClusterOrRefuse(source, name);
  const kubeconfig = readFiles(files);
  const context = chooseContext(kubeconfig, name);
  const refersTo = parseEntry(CONTEXT, context.value, `Context "${context.name}" in ${context.file}`);
  const cluster = entryOf(kubeconfig.clusters, refersTo.cluster, "cluster", context);
  const clusterPlace = `cluster "${cluster.name}" in ${cluster.file}`;
  const settings = parseEntry(CLUSTER, cluster.value, `The ${clusterPlace}`);
  const user = refersTo.user ? entryOf(kubeconfig.users, refersTo.user, "user", context) : null;
  const userEntry =
    user === null ? {} : (parseEntry(USER, user.value, `The user "${user.name}" in ${user.file}`) ?? {});
  const ca = authority(settings, cluster, clusterPlace);
  const authenticate = signIn(userEntry, {
    user: user?.name ?? "",
    file: (user ?? context).file,
    cluster: describeForPlugin(settings, ca),
    environment: source.environment,
  });
  await authenticate();
  const proxy = proxySettings(settings["proxy-url"], settings.server, source.environment, clusterPlace);
  return {
    name: context.name,
    server: settings.server,
    ca,
    authenticate,
    ...(settings["tls-server-name"] ? { tlsServerName: settings["tls-server-name"] } : {}),
    insecureSkipTlsVerify: settings["insecure-skip-tls-verify"] ?? false,
    ...(proxy === null ? {} : { proxy }),
  };
}

function inClusterOrRefuse({ environment }: KubeconfigSource, name: string = IN_CLUSTER): ContextConnection {
  const connection = inCluster(environment);
  if (connection === null) {
    throw new GuardError(
      "BadKubeconfig",
      "No kubeconfig found: KUBECONFIG is not set and ~/.kube/config does not exist; give --kubeconfig FILE.",
    );
  }
  if (name !== IN_CLUSTER) {
    throw new GuardError(
      "BadKubeconfig",
      `There is no context "${withoutCredentials(name)}": without a kubeconfig the only one is ${IN_CLUSTER}; give --kubeconfig FILE.`,
    );
  }
  return { name, ...connection };
}

function chooseContext({ files, contexts, currentContext }: Kubeconfig, name: string | undefined): Entry {
  const where = files.join(", ");
  const known = contexts.size === 0 ? "it holds no context" : `choose one of: ${[...contexts.keys()].join(", ")}`;
  const wanted = name ?? currentContext;
  if (wanted === null)
    throw new GuardError("BadKubeconfig", `${where} marks no context as current; give --context, ${known}.`);
  const context = contexts.get(wanted);
  if (context === undefined)
    throw new GuardError("BadKubeconfig", `There is no context "${withoutCredentials(wanted)}" in ${where}; ${known}.`);
  return context;
}

function entryOf(entries: ReadonlyMap<string, Entry>, name: string, kind: string, context: Entry): Entry {
  const entry = entries.get(name);
  if (entry === undefined) {
    throw new GuardError(
      "BadKubeconfig",
      `Context "${context.name}" in ${context.file} refers to the ${kind} "${name}", which is not there.`,
    );
  }
  return entry;
}

function authority(settings: ClusterEntry, cluster: Entry, place: string): Buffer | null {
  const ca = pem(settings["certificate-authority-data"], settings["certificate-authority"], cluster.file);
  if (ca === null) return null;
  try {
    new X509Certificate(ca);
  } catch {
    throw new GuardError("BadKubeconfig", `The certificate authority of the ${place} is not a certificate in PEM.`);
  }
  return ca;
}

/** What a plugin with `provideClusterInfo` is told (client.authentication.k8s.io, ExecCredential.spec.cluster). */
function describeForPlugin(settings: ClusterEntry, ca: Buffer | null): Record<string, unknown> {
  return {
    server: settings.server,
    ...(ca === null ? {} : { "certificate-authority-data": ca.toString("base64") }),
    ...(settings["tls-server-name"] ? { "tls-server-name": settings["tls-server-name"] } : {}),
    ...(settings["insecure-skip-tls-verify"] ? { "insecure-skip-tls-verify": true } : {}),
  };
}
