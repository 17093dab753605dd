import type { Instant, Millis } from "./time.ts";

/** What a running APISIX container tells of the token in its memory. Its word: whoever controls the container can make it up. */
export interface TokenProbe {
  /** When nginx's privileged agent started, and read the token (APISIX < 3.13). The node's clock, as that of the container's start. */
  readonly readAt: Instant;
  /** That process among all that run on its node: its start in ticks since the machine's own (proc(5), field 22 of stat). */
  readonly agent: number;
  /** When the token file was last written, by the same clock; null: the container has no program that tells. */
  readonly fileChangedAt: Instant | null;
  /** Of the token that is in the file now, which the agent has read only if it is older than the agent. */
  readonly claims: TokenClaims;
}

/** The times and the subject in a token; nothing else of it is kept. */
export interface TokenClaims {
  readonly issuedAt: Instant;
  /** From issue to expiry; null: the token does not say when it expires. */
  readonly lifetime: Millis | null;
  /** `system:serviceaccount:NAMESPACE:NAME` */
  readonly subject: string | null;
}
