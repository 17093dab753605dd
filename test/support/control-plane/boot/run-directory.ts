import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ports } from "./ports.ts";

/** The static files every control plane shares. */
export const CONF = join(import.meta.dirname, "../conf");

/** Where one control plane keeps its files; gone when it has stopped. */
export class RunDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** A short name: the socket of the token signer lies in here, and a socket path has at most 104 bytes. */
  static create(): RunDirectory {
    const directory = new RunDirectory(mkdtempSync(join(tmpdir(), "cp-")));
    for (const name of ["log", "pki", "kubeconfig", "pod-logs"]) mkdirSync(join(directory.path, name));
    return directory;
  }

  join(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** What a program printed. */
  log(program: string): string {
    return this.join("log", `${program}.log`);
  }

  get auditLog(): string {
    return this.join("log", "audit.jsonl");
  }

  kubeconfig(user: string): string {
    return this.join("kubeconfig", `${user}.yaml`);
  }

  pki(file: string): string {
    return this.join("pki", file);
  }

  readPki(file: string): string {
    return readFileSync(this.pki(file), "utf8");
  }

  /** The log files of the simulated pods, `<namespace>/<pod>/<container>.log`. */
  podLogs(namespace: string, pod: string): string {
    return this.join("pod-logs", namespace, pod);
  }

  /** What a second process needs besides the paths, to attach. */
  writePorts(ports: Ports): void {
    writeFileSync(this.join("ports.json"), JSON.stringify(ports));
  }

  readPorts(): Ports {
    return JSON.parse(readFileSync(this.join("ports.json"), "utf8")) as Ports;
  }
}
