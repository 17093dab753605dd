import { runApiServer } from "./boot/bring-up.ts";
import type { Ports } from "./boot/ports.ts";
import type { ProgramSpec } from "./boot/protocol.ts";
import type { RunDirectory } from "./boot/run-directory.ts";
import type { TokenSigner } from "./boot/signer.ts";
import type { Supervisor } from "./boot/supervisor.ts";
import { Cluster } from "./cluster.ts";

interface Parts {
  readonly directory: RunDirectory;
  readonly ports: Ports;
  readonly supervisor: Supervisor;
  readonly apiServer: ProgramSpec;
  readonly signer: TokenSigner | undefined;
}

/** A cluster whose programs this process started, so that it may also kill them. */
export class ControlPlane extends Cluster implements AsyncDisposable {
  readonly #supervisor: Supervisor;
  readonly #apiServer: ProgramSpec;
  readonly #signer: TokenSigner | undefined;

  constructor({ directory, ports, supervisor, apiServer, signer }: Parts) {
    super(directory, ports);
    this.#supervisor = supervisor;
    this.#apiServer = apiServer;
    this.#signer = signer;
  }

  /** Process ids by program, the supervisor's among them. */
  get pids(): Readonly<Record<string, number>> {
    return { ...this.#supervisor.pids, supervisor: this.#supervisor.pid };
  }

  /** SIGKILL to one program, e.g. `kwok`, after which logs answer 500. */
  kill(program: string): Promise<void> {
    return this.#supervisor.kill(program);
  }

  /** From then on connections are refused. */
  killApiServer(): Promise<void> {
    return this.kill(this.#apiServer.name);
  }

  /** On the same port and with the same state, after {@link killApiServer}. */
  restartApiServer(): Promise<void> {
    return runApiServer(this, this.#supervisor, this.#apiServer);
  }

  /** With `CONTROL_PLANE_KEEP=1` in the environment the run directory stays, with all logs in it. */
  async stop(): Promise<void> {
    this.disconnect();
    this.#signer?.close();
    await this.#supervisor.stop({ keepFiles: process.env.CONTROL_PLANE_KEEP === "1" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
