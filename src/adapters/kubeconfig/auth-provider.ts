import { GuardError } from "../../model/errors.ts";
import { SECOND } from "../../model/time.ts";
import { withoutCredentials } from "../../report/without-credentials.ts";
import type { Authenticate } from "../kubernetes/credentials.ts";

/**
 * The older way to name a sign-in. Of the three there were, kubectl itself knows only OpenID Connect since 1.26. Its token is
 * used as it lies in the file and never renewed: a provider may take back the refresh token that was used, and who does not
 * write the new one into the file, as kubectl does, signs the user out.
 */
export function authProvider(
  provider: { readonly name: string; readonly config?: Readonly<Record<string, unknown>> | null | undefined },
  place: string,
  now: () => number,
): Authenticate {
  if (provider.name !== "oidc") {
    throw new GuardError(
      "BadKubeconfig",
      `The auth-provider "${withoutCredentials(provider.name)}" of ${place} is not supported, nor is it by kubectl since 1.26; use an exec plugin.`,
    );
  }
  const token = provider.config?.["id-token"];
  const expiresAt = typeof token === "string" ? expiryOf(token) : null;
  return async () => {
    if (expiresAt === null || now() >= expiresAt) {
      throw new GuardError(
        "SignInFailed",
        `The OpenID Connect sign-in of ${place} has expired; renew it with any kubectl command, such as "kubectl version".`,
      );
    }
    return { headers: { authorization: `Bearer ${token}` } };
  };
}

/** The `exp` of a JWT, or null when it has none or is no JWT. */
function expiryOf(token: string): number | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const exp = typeof claims === "object" && claims !== null && "exp" in claims ? claims.exp : null;
    return typeof exp === "number" ? exp * SECOND : null;
  } catch {
    return null;
  }
}
