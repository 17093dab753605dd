import { randomBytes } from "node:crypto";
import { HOUR, type Instant } from "../../../src/model/time.ts";

/** A role of IAM. */
export interface Role {
  /** `arn:aws:iam::123456789012:role/apisix-token-guard` */
  readonly arn: string;
  /** What the cluster's access entry gives it; none: the cluster does not know the role. */
  readonly groups?: readonly string[];
  /** Roles that may assume it. */
  readonly trusts?: readonly string[];
}

/** As Lambda puts them into a function's environment. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** A session of a role. */
export interface Session {
  readonly credentials: Credentials;
  readonly role: Role;
  readonly name: string;
  readonly expiresAt: Instant;
}

/** Whoever has signed in to this account, by access key. */
export interface Sessions {
  readonly roles: readonly Role[];
  /** @throws when nobody has made such a role */
  open(roleArn: string, name: string, expiresAt?: Instant): Session;
  find(accessKeyId: string): Session | undefined;
}

export function createSessions(roles: readonly Role[]): Sessions {
  const sessions = new Map<string, Session>();
  return {
    roles,
    open: (roleArn, name, expiresAt = Date.now() + HOUR) => {
      const role = roles.find(({ arn }) => arn === roleArn);
      if (role === undefined) throw new Error(`there is no role ${roleArn}`);
      const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
      // The characters of base64, `+`, `/` and `=` among them, must survive every encoding.
      const secret = () => `canary+/${randomBytes(20).toString("base64")}==`;
      const credentials = { accessKeyId, secretAccessKey: secret(), sessionToken: secret() };
      const session = { credentials, role, name, expiresAt };
      sessions.set(accessKeyId, session);
      return session;
    },
    find: (accessKeyId) => sessions.get(accessKeyId),
  };
}

/** `arn:aws:sts::123456789012:assumed-role/apisix-token-guard/session`; a role's path is not part of it. */
export function sessionArn({ role, name }: Session): string {
  return `arn:aws:sts::${accountOf(role)}:assumed-role/${roleName(role)}/${name}`;
}

export const roleName = ({ arn }: Role): string => arn.split("/").at(-1) ?? "";

export const accountOf = ({ arn }: Role): string => arn.split(":")[4] ?? "";
