import { readFile } from "node:fs/promises";
import { bringUp } from "./boot/bring-up.ts";
import { writeCredentials } from "./boot/credentials.ts";
import { freePorts } from "./boot/ports.ts";
import { type ProgramOptions, programs } from "./boot/programs.ts";
import { RunDirectory } from "./boot/run-directory.ts";
import { TokenSigner } from "./boot/signer.ts";
import { Supervisor } from "./boot/supervisor.ts";
import type { Binaries } from "./build/binaries.ts";
import { buildBinaries } from "./build.ts";
import { ControlPlane } from "./control-plane.ts";

export interface ControlPlaneOptions extends Omit<ProgramOptions, "signerSocket"> {
  /** Called `node-1` and so on; 3 by default. */
  readonly nodes?: number;
  /** Needed for DaemonSets and for pods without `nodeName`. Costs 60 MiB and no time. */
  readonly scheduler?: boolean;
  /** An external token signer as on EKS, with the longest life of a token in seconds. */
  readonly signer?: { readonly maxTokenSeconds: number };
  /** From {@link buildBinaries}, which is called when they are not given. */
  readonly binaries?: Binaries;
}

/** How often a start is tried again because somebody took one of its ports. */
const START_ATTEMPTS = 3;

/**
 * Starts etcd, kube-apiserver, kube-controller-manager, kwok and possibly kube-scheduler on 127.0.0.1, and
 * resolves when the nodes are Ready, after about five seconds.
 *
 * Several may run at once. Use `await using`, or call `stop()`; if the process dies first, everything goes with it.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = options.binaries ?? (await buildBinaries());
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binaries, options);
    } catch (error) {
      if (attempt === START_ATTEMPTS || !String(error).includes("address already in use")) throw error;
    }
  }
}

async function startOnce(binaries: Binaries, options: ControlPlaneOptions): Promise<ControlPlane> {
  const directory = RunDirectory.create();
  const [ports, supervisor] = await Promise.all([freePorts(), Supervisor.start(directory)]);
  let signer: TokenSigner | undefined;
  try {
    directory.writePorts(ports);
    await writeCredentials(directory, ports.apiServer);
    signer = options.signer && (await startSigner(directory, options.signer.maxTokenSeconds));
    const signerSocket = signer && { signerSocket: signer.socket };
    const specs = programs(binaries, directory, ports, { ...options, ...signerSocket });
    const cluster = new ControlPlane({ directory, ports, supervisor, apiServer: specs.apiServer, signer });
    const { nodes = 3, scheduler = false } = options;
    await bringUp({ cluster, supervisor, specs, crds: binaries.crds, nodes, scheduler });
    supervisor.keepParentAlive(false);
    return cluster;
  } catch (error) {
    signer?.close();
    await supervisor.stop();
    throw error;
  }
}

async function startSigner(directory: RunDirectory, maxTokenSeconds: number): Promise<TokenSigner> {
  const key = await readFile(directory.pki("service-accounts.key"), "utf8");
  return TokenSigner.listen(directory.join("signer.sock"), key, maxTokenSeconds);
}
