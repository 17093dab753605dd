import { GuardError } from "../../model/errors.ts";
import type { Cluster } from "../../ports.ts";
import { kubernetesAccess } from "./access.ts";
import { clientConfiguration } from "./client-configuration.ts";
import type { Authenticate } from "./credentials.ts";
import { kubernetesExec } from "./exec.ts";
import { followWorkload } from "./follow.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { kubernetesPodLogs } from "./pod-logs.ts";
import { kubernetesRestarter, tryRelabel } from "./restarter.ts";
import { isLoopback, parseServerAddress, type ServerAddress } from "./server-address.ts";
import { createTransport, type ProxySettings } from "./transport.ts";
import { kubernetesWorkloads } from "./workloads.ts";

/** All it takes to read a cluster, wherever the sign-in comes from. */
export interface ConnectOptions {
  /** `https://host:port`, or `http://…` for a `kubectl proxy` on this machine. */
  readonly server: string;
  /** PEM; null: the authorities Node trusts. */
  readonly ca: string | Buffer | null;
  readonly authenticate: Authenticate;
  /** The name the server's certificate is for, when it is not the host of `server`. */
  readonly tlsServerName?: string;
  /** Only when the user's own configuration says so. */
  readonly insecureSkipTlsVerify?: boolean;
  readonly proxy?: ProxySettings;
  /** What to check when there is no way to the server, where more is known of its network: half a sentence with its full stop. */
  readonly unreachableHint?: string;
  readonly limits?: Partial<Limits>;
}

export interface ConnectedCluster extends Cluster {
  /** What is unsafe about this connection, for the report. */
  readonly warnings: readonly string[];
  /** Ends the connections; a read that is under way fails. */
  close(): void;
}

/** A signed-in cluster. Sends nothing yet; throws GuardError BadConfig when `server` is not a usable address. */
export function connect(options: ConnectOptions): ConnectedCluster {
  const address = parseServerAddress(options.server);
  if (address === null) {
    throw new GuardError(
      "BadConfig",
      "The API server's address must be https://HOST[:PORT][/PATH] (or http:// for a local proxy), without user name or query.",
    );
  }
  // Node takes an empty text for no text, and would trust every public authority instead of the cluster's own.
  if (options.ca?.length === 0)
    throw new GuardError("BadConfig", "The cluster's CA certificate is empty; give it as PEM.");
  const limits: Limits = { ...LIMITS, ...options.limits };
  const insecureSkipTlsVerify = options.insecureSkipTlsVerify ?? false;
  const transport = createTransport({
    address,
    ca: options.ca,
    authenticate: options.authenticate,
    tlsServerName: options.tlsServerName ?? null,
    insecureSkipTlsVerify,
    proxy: options.proxy ?? null,
    unreachableHint: options.unreachableHint ?? null,
    limits,
  });
  const configuration = clientConfiguration(address, transport, limits);
  const workloads = kubernetesWorkloads(configuration, address.label, limits.pageSize, Date.now);
  return {
    workloads: { ...workloads, follow: followWorkload(address, transport, workloads.workload) },
    logs: kubernetesPodLogs(address, transport),
    exec: kubernetesExec(address, transport),
    access: { ...kubernetesAccess(configuration, address.label), tryRelabel: tryRelabel(address, transport) },
    restarter: kubernetesRestarter(address, transport, "store"),
    dryRunRestarter: kubernetesRestarter(address, transport, "dryRun"),
    warnings: connectionWarnings(address, insecureSkipTlsVerify),
    close: transport.close,
  };
}

function connectionWarnings(address: ServerAddress, insecureSkipTlsVerify: boolean): string[] {
  if (address.protocol === "http:") {
    return isLoopback(address)
      ? []
      : [`The connection to ${address.label} is not encrypted: everybody on the way can read the sign-in.`];
  }
  return insecureSkipTlsVerify
    ? [
        `The certificate of ${address.label} is not verified (insecure-skip-tls-verify): anybody can pose as this cluster.`,
      ]
    : [];
}
