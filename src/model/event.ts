import type { Cure } from "./last-restart.ts";
import type { Instant } from "./time.ts";
import type { GatewayRef } from "./workload.ts";

/** What is told of a restart or a reload, as the reason of a Kubernetes Event. */
export const EVENT_REASONS = [
  "TokenGuardRestart",
  "TokenGuardReload",
  "TokenGuardCured",
  "TokenGuardRefused",
  "TokenGuardFailed",
  "TokenGuardReverted",
  "TokenGuardUnproven",
] as const;
export type EventReason = (typeof EVENT_REASONS)[number];

/** What people find beside a workload with `kubectl describe`. */
export interface WorkloadEvent {
  /** The same whoever tells it and however often, so that the API server keeps one. */
  readonly name: string;
  /** By its uid it is the event of this workload, and not of a later one of the same name. */
  readonly workload: GatewayRef & { readonly uid: string };
  /** What it is about. */
  readonly cure: Cure;
  readonly type: "Normal" | "Warning";
  readonly reason: EventReason;
  readonly message: string;
  /** When that happened of which it tells. */
  readonly at: Instant;
}

/** An API server takes no longer message (k8s.io/kubernetes pkg/apis/core/validation/events.go), in bytes of UTF-8. */
export const MAX_EVENT_MESSAGE = 1024;
