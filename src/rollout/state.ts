import { formatDuration } from "../model/duration.ts";
import type { GatewayPod } from "../model/pod.ts";
import { type Instant, MINUTE, type Millis, parseInstant } from "../model/time.ts";
import type { RolloutFigures, Workload } from "../model/workload.ts";

/** How far the newest pod template has got. */
export type RolloutState =
  | { readonly state: "complete" }
  | { readonly state: "progressing"; readonly message: string }
  | { readonly state: "failed"; readonly message: string };

/**
 * A DaemonSet or StatefulSet has no progress deadline of its own, so a rollout in which no pod became Ready for this long counts
 * as failed. The default deadline of a Deployment (progressDeadlineSeconds) is as long.
 */
const NO_PROGRESS_LIMIT: Millis = 10 * MINUTE;

/**
 * The state of a workload's rollout, from its own numbers and its pods, as `kubectl rollout status` would judge it
 * (kubectl rollout_status.go), with one difference: a replica that is missing for another reason than a new template is a matter
 * of availability, not of the rollout.
 */
export function rolloutState(workload: Workload, pods: readonly GatewayPod[], now: Instant): RolloutState {
  const pending = pendingReason(workload, pods);
  const { figures } = workload;
  // A condition from before the newest template says nothing about it, and one of a rollout that was late is history.
  const current = figures.observedGeneration >= figures.generation;
  if (figures.deadlineExceeded && current && (pending !== null || figures.available < figures.desired)) {
    return {
      state: "failed",
      message: "The Deployment reports ProgressDeadlineExceeded: its new pods do not become Ready.",
    };
  }
  if (pending === null) return { state: "complete" };
  const quiet = workload.kind === "Deployment" ? null : sinceLastProgress(workload, pods, now);
  if (quiet !== null && quiet > NO_PROGRESS_LIMIT) {
    return { state: "failed", message: `A rollout is under way and no pod became Ready for ${formatDuration(quiet)}.` };
  }
  return { state: "progressing", message: pending };
}

function pendingReason({ kind, figures }: Workload, pods: readonly GatewayPod[]): string | null {
  if (figures.observedGeneration < figures.generation) return "The controller has not seen the newest template yet.";
  // With OnDelete, and below a partition, pods keep their revision on purpose until somebody deletes them.
  if (figures.strategy === "OnDelete") return null;
  const wanted = Math.max(0, figures.desired - figures.partition);
  if (kind === "DaemonSet") {
    if (figures.updated < figures.desired)
      return `${figures.updated} of ${figures.desired} pods are of the newest template.`;
    return null;
  }
  if (kind === "StatefulSet") {
    if (figures.updateRevision === figures.currentRevision) return null;
    const old = pods.filter((pod) => pod.revision !== figures.updateRevision).length;
    if (old <= figures.partition && figures.updated >= wanted) return null;
    return `${figures.updated} of ${wanted} pods are of the newest template.`;
  }
  if (figures.total > figures.updated) return `${figures.updated} of ${figures.total} pods are of the newest template.`;
  const revisions = new Set(pods.map((pod) => pod.revision));
  if (revisions.size > 1) return `Its pods are of ${revisions.size} templates.`;
  return null;
}

/** Whether a workload's own numbers say that its rollout has come to an end, good or bad: cheap enough for every change of it. */
export const hasEnded = (figures: RolloutFigures): boolean =>
  figures.observedGeneration >= figures.generation && (figures.deadlineExceeded || isAtRest(figures));

/** Whether a workload's own numbers say that all its pods are of the newest template and available. */
export function isAtRest(figures: RolloutFigures): boolean {
  if (figures.observedGeneration < figures.generation) return false;
  const { desired, total, updated, available, currentRevision, updateRevision } = figures;
  return updated >= desired && available >= desired && total <= updated && currentRevision === updateRevision;
}

/** How long nothing has moved: since a pod became Ready, a pod was made, or the restart was ordered. */
function sinceLastProgress(workload: Workload, pods: readonly GatewayPod[], now: Instant): Millis | null {
  const moments = [
    parseInstant(workload.template.restartedAt),
    ...pods.map((pod) => pod.createdAt),
    ...pods.filter((pod) => pod.ready).map((pod) => pod.readyChangedAt),
  ].filter((moment) => moment !== null);
  return moments.length === 0 ? null : now - Math.max(...moments);
}
