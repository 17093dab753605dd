import type { Lifetime, LifetimeSource } from "../model/decision.ts";
import type { ClusterObservation } from "../model/observation.ts";
import { DAY, type Millis, SECOND } from "../model/time.ts";

/**
 * The expiration of the volume that Kubernetes injects into every pod. Only a token asked for with exactly this number is
 * extended beyond it (serviceaccount admission.go TokenVolumeSource; claims.go WarnOnlyBoundTokenExpirationSeconds).
 */
export const INJECTED_EXPIRATION_SECONDS = 3_607;

/** EKS refuses tokens older than 90 days, whatever their `exp` claim says (EKS user guide, service accounts). */
export const EKS_LIFETIME: Millis = 90 * DAY;

/** EKS issues no projected token for longer than a day (aws/containers-roadmap#1836). */
const EKS_LONGEST_PROJECTION_SECONDS = 86_400;

/** Upstream extends an injected token to one year (claims.go ExpirationExtensionSeconds). */
const UPSTREAM_LIFETIME: Millis = 365 * DAY;

export interface LifetimeEvidence {
  readonly expirationSeconds: number;
  readonly eks: boolean;
  /** What the token itself says; null: it was not looked at, or does not say. */
  readonly claims: Millis | null;
  readonly configured: Millis | null;
  /** What refusals in this cluster have shown, twice (learned.ts, confirmed.ts). */
  readonly learned: Millis | null;
}

/** Seconds the API server grants for a projected token. */
export function grantedSeconds(expirationSeconds: number, eks: boolean): number {
  return eks ? Math.min(expirationSeconds, EKS_LONGEST_PROJECTION_SECONDS) : expirationSeconds;
}

/**
 * How long a projected token is accepted: the minimum of everything known, since a token is refused by whichever limit comes
 * first; old EKS tokens claim a year and are refused after 90 days (kubernetes/kubernetes#105654). Of equal limits the one
 * nearest to this cluster names the source. What was learned only ever shortens, and only the life of the injected token that it
 * was learned from; a person's word stands above it.
 */
export function lifetimeOf({ expirationSeconds, eks, claims, configured, learned }: LifetimeEvidence): Lifetime {
  const isInjected = expirationSeconds === INJECTED_EXPIRATION_SECONDS;
  const known: (readonly [LifetimeSource, Millis | null])[] = [
    ["claims", claims],
    ["configured", configured],
    ["projection", isInjected ? null : grantedSeconds(expirationSeconds, eks) * SECOND],
    ["eks", eks ? EKS_LIFETIME : null],
  ];
  let shortest: Lifetime | null = null;
  for (const [from, millis] of known) {
    if (millis !== null && (shortest === null || millis < shortest.millis)) shortest = { millis, from };
  }
  const otherwise = shortest ?? { millis: UPSTREAM_LIFETIME, from: "assumed" as const };
  return isInjected && configured === null && learned !== null && learned < otherwise.millis
    ? { millis: learned, from: "learned" }
    : otherwise;
}

/**
 * How long this cluster's tokens live, as refusals have shown. The lifetime is the API server's, so what one gateway's note says
 * holds for all; each note has outlived several restarts, and the shortest counts.
 */
export function learnedLifetime({ gateways }: ClusterObservation): Millis | null {
  let shortest: Millis | null = null;
  for (const { workload } of gateways) {
    const lifetime = workload.lastRestart.state === "known" ? workload.lastRestart.lifetime : null;
    if (lifetime !== null && (shortest === null || lifetime < shortest)) shortest = lifetime;
  }
  return shortest;
}
