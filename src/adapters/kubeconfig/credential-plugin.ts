import { spawn } from "node:child_process";
import { basename, isAbsolute } from "node:path";
import { GuardError } from "../../model/errors.ts";
import { type Instant, MINUTE, type Millis, parseInstant } from "../../model/time.ts";
import { withoutCredentials } from "../../report/without-credentials.ts";
import type { RequestCredentials } from "../kubernetes/credentials.ts";
import { CREDENTIAL, type ExecEntry } from "./entries.ts";
import { besideFile, errorCode } from "./files.ts";

/** A person may be sent to a browser, with a second factor, to sign in; a plugin that takes longer hangs. */
const PLUGIN_TIMEOUT: Millis = 2 * MINUTE;

/** A credential is some KB of JSON. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Where a plugin was named, and what it may be told of the cluster it signs in to. */
export interface PluginPlace {
  readonly user: string;
  readonly file: string;
  /** Of the kubeconfig's cluster, in the form of `ExecCredential.spec.cluster`. */
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface PluginCredentials extends RequestCredentials {
  /** null: good until the process ends. */
  readonly expiresAt: Instant | null;
}

/**
 * Runs a credential plugin (client.authentication.k8s.io), such as `aws eks get-token`. Not with the client library's own
 * runner: that one hides the exit code, puts what the plugin wrote into its error, and waits for ever.
 */
export async function runCredentialPlugin(exec: ExecEntry, place: PluginPlace): Promise<PluginCredentials> {
  const who = `The sign-in command${nameOf(exec.command)} of user "${place.user}" in ${place.file}`;
  const output = await run(exec, place, who);
  const credential = CREDENTIAL.safeParse(parseJson(output));
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = credential.data?.status ?? {};
  const pair =
    clientCertificateData && clientKeyData ? { certificate: clientCertificateData, key: clientKeyData } : null;
  if (!token && pair === null) {
    throw new GuardError(
      "SignInFailed",
      `${who} printed no ExecCredential with a token or a client certificate; run it by hand to see what it prints.`,
    );
  }
  return {
    headers: token ? { authorization: `Bearer ${token}` } : {},
    ...(pair === null ? {} : { clientCertificate: pair }),
    expiresAt: parseInstant(expirationTimestamp),
  };
}

/** Not with arguments, which belong into `args` and may hold a password. */
const nameOf = (command: string): string => (/\s/.test(command) ? "" : ` "${withoutCredentials(basename(command))}"`);

/** What it prints on stdout. Its stderr is dropped: it is for a terminal, and may hold a token in a debug mode. */
function run(exec: ExecEntry, place: PluginPlace, who: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const cannotRun = (error: unknown) => {
      const code = errorCode(error);
      const why = code === "ENOENT" ? "is not found; install it, or correct exec.command" : `cannot be run (${code})`;
      reject(new GuardError("BadKubeconfig", `${who} ${why}.`));
    };
    let child: ReturnType<typeof start>;
    try {
      child = start(exec, place);
    } catch (error) {
      // Of a name that cannot be one, Node throws at once, with the command and its arguments in the error.
      return cannotRun(error);
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.once("error", cannotRun);
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(chunks).toString("utf8"));
      const end =
        code === null
          ? `was ended by ${signal} (it may run for ${PLUGIN_TIMEOUT / MINUTE} minutes)`
          : `failed with exit code ${code}`;
      reject(new GuardError("SignInFailed", `${who} ${end}; run it by hand to see why, and sign in again.`));
    });
  });
}

const start = (exec: ExecEntry, place: PluginPlace) =>
  spawn(resolveCommand(exec.command, place.file), exec.args ?? [], {
    env: environmentOf(exec, place),
    stdio: ["ignore", "pipe", "ignore"],
    timeout: PLUGIN_TIMEOUT,
    killSignal: "SIGKILL",
    windowsHide: true,
  });

/** As kubectl: a bare name is looked up in PATH, a relative path starts where the kubeconfig lies. */
const resolveCommand = (command: string, file: string): string =>
  isAbsolute(command) || !/[/\\]/.test(command) ? command : besideFile(file, command);

function environmentOf(exec: ExecEntry, place: PluginPlace): Record<string, string | undefined> {
  const info = {
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: place.cluster } : {}) },
  };
  const own = (exec.env ?? []).map(({ name, value }) => [name, value]);
  return { ...place.environment, ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
