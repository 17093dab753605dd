import * as z from "zod/mini";

const text = z.nullish(z.string());

/** kubectl's fields that matter here; the names are those of the file. Others are ignored, as kubectl does. */
export const CONTEXT = z.object({ cluster: z.string(), user: text });

export const CLUSTER = z.object({
  server: z.string(),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": z.nullish(z.boolean()),
  "tls-server-name": text,
  "proxy-url": text,
});
export type ClusterEntry = z.infer<typeof CLUSTER>;

const EXEC = z.object({
  apiVersion: z.string(),
  command: z.string().check(z.minLength(1)),
  args: z.nullish(z.array(z.string())),
  env: z.nullish(z.array(z.object({ name: z.string(), value: z.string() }))),
  provideClusterInfo: z.nullish(z.boolean()),
});
export type ExecEntry = z.infer<typeof EXEC>;

const USER_FIELDS = z.object({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  exec: z.nullish(EXEC),
  "auth-provider": z.nullish(z.object({ name: z.string(), config: z.nullish(z.record(z.string(), z.unknown())) })),
  as: text,
  "as-uid": text,
  "as-groups": z.nullish(z.array(z.string())),
  "as-user-extra": z.nullish(z.record(z.string(), z.array(z.string()))),
});
export type UserEntry = z.infer<typeof USER_FIELDS>;

/** A user without any field is anonymous. */
export const USER = z.nullish(USER_FIELDS);

/** What a credential plugin prints (client.authentication.k8s.io). */
export const CREDENTIAL = z.object({
  kind: z.literal("ExecCredential"),
  status: z.object({ token: text, clientCertificateData: text, clientKeyData: text, expirationTimestamp: text }),
});
