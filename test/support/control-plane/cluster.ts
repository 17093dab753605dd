import type { TestUser } from "./boot/credentials.ts";
import type { Ports } from "./boot/ports.ts";
import { RunDirectory } from "./boot/run-directory.ts";
import { type Answer, ApiClient, type Method, type RequestOptions } from "./cluster/api.ts";
import { Applier, type Manifests } from "./cluster/apply.ts";
import { AuditLog } from "./cluster/audit.ts";
import { Etcd } from "./cluster/etcd.ts";
import type { KubeObject } from "./cluster/objects.ts";
import { PodLogs } from "./cluster/pod-logs.ts";
import { Pods } from "./cluster/pods.ts";
import { Tokens } from "./cluster/tokens.ts";
import { writeUnrelatedPods } from "./cluster/unrelated-pods.ts";

/** A running control plane, and everything a test does with it short of stopping it. */
export class Cluster {
  readonly runDirectory: string;
  readonly server: string;
  readonly api: ApiClient;
  readonly etcd: Etcd;
  readonly pods: Pods;
  readonly logs: PodLogs;
  readonly tokens: Tokens;
  readonly audit: AuditLog;
  readonly #directory: RunDirectory;
  readonly #applier: Applier;

  constructor(directory: RunDirectory, ports: Ports) {
    this.#directory = directory;
    this.runDirectory = directory.path;
    this.server = `https://127.0.0.1:${ports.apiServer}`;
    this.api = new ApiClient(directory, ports.apiServer);
    this.#applier = new Applier(this.api);
    this.etcd = new Etcd(ports.etcd);
    this.pods = new Pods(this.api, this.etcd);
    this.logs = new PodLogs(directory, this.api, this.#applier);
    this.tokens = new Tokens(directory, this.api);
    this.audit = new AuditLog(directory);
  }

  /** Path of a kubeconfig file. */
  kubeconfig(user: TestUser | "admin" = "admin"): string {
    return this.#directory.kubeconfig(user);
  }

  /** PEM text of the authority which signed the API server's certificate. */
  get certificateAuthority(): string {
    return this.#directory.readPki("ca.crt");
  }

  /** A raw request, by the administrator unless a token is given. Every status is an answer. */
  request(method: Method, path: string, options?: RequestOptions): Promise<Answer> {
    return this.api.request(method, path, options);
  }

  /** Server-side apply, in the given order. */
  apply(manifests: Manifests): Promise<KubeObject[]> {
    return this.#applier.apply(manifests);
  }

  /** A new namespace, so that tests on a shared control plane do not meet. */
  async namespace(prefix = "test"): Promise<string> {
    const namespace = await this.api.create<KubeObject>("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { generateName: `${prefix}-` },
    });
    return namespace.metadata.name;
  }

  writeUnrelatedPods(namespace: string, count: number): Promise<void> {
    return writeUnrelatedPods(this.etcd, namespace, count);
  }

  /** Closes the connections of this process; the control plane goes on. */
  disconnect(): void {
    this.api.close();
  }
}

/** The control plane which another process started. */
export function attach(runDirectory: string): Cluster {
  const directory = new RunDirectory(runDirectory);
  return new Cluster(directory, directory.readPorts());
}
