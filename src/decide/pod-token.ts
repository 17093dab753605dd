import type { AuditedToken } from "../model/audit.ts";
import type { PodToken } from "../model/decision.ts";
import type { GatewayPod } from "../model/pod.ts";
import type { Instant, Millis } from "../model/time.ts";
import { type AuditDoubt, auditedIssue } from "./audited-issue.ts";
import { LONGEST_RELOAD } from "./last-reload.ts";
import { grantedSeconds, INJECTED_EXPIRATION_SECONDS, lifetimeOf } from "./lifetime.ts";
import { doubtOf, holdsFile, type ProbeDoubt } from "./probed-read.ts";
import { issuedAt, renewedWithin } from "./token-interval.ts";

/** What the evidence says about the token of one pod. */
export interface TokenFacts {
  readonly token: PodToken;
  /** The file with the token is never older than this, as long as the kubelet does its work. */
  readonly renewedWithin: Millis;
  /** When the token in memory was read, as far as is known: a reload does it anew. null: no container runs. */
  readonly readAt: Instant | null;
  /** What is odd about the audit log's word on this pod. */
  readonly auditDoubt: AuditDoubt | null;
  /** Why what this pod tells of its own token is not believed. */
  readonly probeDoubt: ProbeDoubt | null;
}

/** What is known beside the pod. */
export interface TokenEvidenceAround {
  readonly eks: boolean;
  readonly learned: Millis | null;
  readonly configured: Millis | null;
  /** By the UID of the pod; null: no audit log was read. */
  readonly audited: ReadonlyMap<string, readonly AuditedToken[]> | null;
  readonly observedAt: Instant;
  /** When the guard last had every pod of this gateway read its token again; null: never, or it is not proven. */
  readonly reloadedAt: Instant | null;
  /** Whom a token of these pods is for. */
  readonly subject: string;
}

/**
 * How old the token in memory is, and how long it lives: what the container tells of itself counts first, then the audit log, then the start of
 * the container, or the last reload of it that was proven.
 *
 * @param startedAt of the running container; null: none runs
 */
export function podToken(
  pod: GatewayPod,
  startedAt: Instant | null,
  { eks, learned, configured, audited, observedAt, reloadedAt, subject }: TokenEvidenceAround,
): TokenFacts {
  const { token, createdAt, startTime } = pod;
  if (token.kind !== "projected" || startedAt === null) {
    const unknown = { source: token.kind, lifetime: null, evidence: null, issuedAt: null, expiresAt: null };
    return { renewedWithin: 0, readAt: startedAt, token: unknown, auditDoubt: null, probeDoubt: null };
  }
  const { expirationSeconds } = token;
  const granted = grantedSeconds(expirationSeconds, eks);
  const told = pod.probe?.ok ? pod.probe.value : null;
  const probeDoubt = told === null ? null : doubtOf(told, { createdAt, startedAt, observedAt, subject });
  const probe = probeDoubt === null ? told : null;
  // Only what was there at that moment was reloaded then.
  const since = probe === null && reloadedAt !== null && reloadedAt > startedAt ? reloadedAt : null;
  const readAt = probe?.readAt ?? since ?? startedAt;
  const readUntil = since === null ? readAt : readAt + LONGEST_RELOAD;
  const lifetime = lifetimeOf({
    expirationSeconds,
    eks,
    learned,
    configured,
    claims: probe?.claims.lifetime ?? null,
  });
  // Only extended tokens have a warning threshold. An event of another one's pod is about another program's token.
  const tokens = expirationSeconds === INJECTED_EXPIRATION_SECONDS ? (audited?.get(pod.uid) ?? []) : [];
  const { issued, evidence, doubt } =
    probe !== null && holdsFile(probe)
      ? {
          issued: { earliest: probe.claims.issuedAt, latest: probe.claims.issuedAt },
          evidence: "probe" as const,
          doubt: null,
        }
      : auditedIssue(
          {
            earliest: issuedAt(readAt, startTime ?? createdAt, granted).earliest,
            latest: readUntil,
          },
          tokens,
          { createdAt, startedAt: readUntil, observedAt },
        );
  const fromStart = probe !== null ? "probe" : since !== null ? "reload" : "container-start";
  return {
    renewedWithin: renewedWithin(granted),
    readAt,
    token: {
      source: "projected",
      lifetime,
      evidence: evidence === "container-start" ? fromStart : evidence,
      issuedAt: issued,
      expiresAt: { earliest: issued.earliest + lifetime.millis, latest: issued.latest + lifetime.millis },
    },
    auditDoubt: doubt,
    probeDoubt,
  };
}
