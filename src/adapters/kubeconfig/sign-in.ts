import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { GuardError } from "../../model/errors.ts";
import { showPath } from "../../report/without-credentials.ts";
import type { Authenticate, ClientCertificate, RequestCredentials } from "../kubernetes/credentials.ts";
import { renewingSignIn } from "../renewing-sign-in.ts";
import { authProvider } from "./auth-provider.ts";
import { type PluginPlace, runCredentialPlugin } from "./credential-plugin.ts";
import type { UserEntry } from "./entries.ts";
import { besideFile, errorCode } from "./files.ts";

/** The sign-in of one kubeconfig user, in kubectl's order of precedence. No credentials at all: anonymous, as behind `kubectl proxy`. */
export function signIn(user: UserEntry, place: PluginPlace): Authenticate {
  const extra = impersonation(user);
  const pair = clientCertificate(user, place);
  const base = authorization(user, place);
  return async (refused) => {
    const own = await base(refused);
    const certificate = own.clientCertificate ?? pair;
    return {
      headers: { ...own.headers, ...extra },
      ...(certificate === null ? {} : { clientCertificate: certificate }),
    };
  };
}

function authorization(user: UserEntry, place: PluginPlace): Authenticate {
  const { exec, tokenFile, token, username } = user;
  if (exec) return renewingSignIn(() => runCredentialPlugin(exec, place));
  if (tokenFile) return tokenFromFile(besideFile(place.file, tokenFile));
  if (token) return always({ authorization: `Bearer ${token.trim()}` });
  if (username) {
    const basic = Buffer.from(`${username}:${user.password ?? ""}`).toString("base64");
    return always({ authorization: `Basic ${basic}` });
  }
  const provider = user["auth-provider"];
  if (provider) return authProvider(provider, `user "${place.user}" in ${place.file}`, Date.now);
  return always({});
}

const always = (headers: RequestCredentials["headers"]): Authenticate => {
  return async () => ({ headers });
};

/** Read for every request: the kubelet, and whoever else keeps such a file, replaces it when it likes. */
export function tokenFromFile(file: string): Authenticate {
  return async () => {
    const token = await readFile(file, "utf8").catch((error) => {
      throw new GuardError(
        "SignInFailed",
        `The token file ${showPath(file)} cannot be read (${errorCode(error)}); sign in again or correct the kubeconfig.`,
      );
    });
    return { headers: { authorization: `Bearer ${token.trim()}` } };
  };
}

function clientCertificate(user: UserEntry, { file, user: name }: PluginPlace): ClientCertificate | null {
  const certificate = pem(user["client-certificate-data"], user["client-certificate"], file);
  const key = pem(user["client-key-data"], user["client-key"], file);
  if (certificate === null || key === null) return null;
  try {
    createSecureContext({ cert: certificate, key });
  } catch (error) {
    throw new GuardError(
      "BadKubeconfig",
      `The client certificate and key of user "${name}" in ${file} cannot be used (${errorCode(error)}): they must be PEM and belong together.`,
    );
  }
  return { certificate, key };
}

/** Data in the file itself comes before a path, as in kubectl. */
export function pem(data: string | null | undefined, path: string | null | undefined, file: string): Buffer | null {
  if (data) return Buffer.from(data, "base64");
  if (!path) return null;
  const target = besideFile(file, path);
  try {
    return readFileSync(target);
  } catch (error) {
    throw new GuardError(
      "BadKubeconfig",
      `${showPath(target)}, named in ${file}, cannot be read (${errorCode(error)}).`,
    );
  }
}

function impersonation(user: UserEntry): Record<string, string | readonly string[]> {
  return {
    ...(user.as ? { "impersonate-user": user.as } : {}),
    ...(user["as-uid"] ? { "impersonate-uid": user["as-uid"] } : {}),
    ...(user["as-groups"]?.length ? { "impersonate-group": user["as-groups"] } : {}),
    ...Object.fromEntries(
      Object.entries(user["as-user-extra"] ?? {}).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`,
        values,
      ]),
    ),
  };
}
