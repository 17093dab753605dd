import pLimit from "p-limit";
import type { ClusterResult } from "./model/decision.ts";
import { GuardError } from "./model/errors.ts";
import type { DecisionSettings } from "./model/policy.ts";
import type { Instant, Millis } from "./model/time.ts";
import type { Cluster } from "./ports.ts";
import { kindOf } from "./report/explain.ts";

/** Clusters visited at once: an unreachable one waits for its time-out without holding up the others. */
const MAX_CLUSTERS = 8;

/** One cluster to visit. */
export interface Target {
  readonly name: string;
  /** Signs in; rejects with a GuardError when that is not possible. */
  readonly connect: () => Promise<Cluster & { close(): void }>;
  readonly settings: DecisionSettings;
}

export type Visit<T> = (cluster: Cluster, target: Target) => Promise<T>;

export type Failed<T> = (target: Target, error: NonNullable<ClusterResult["error"]>) => T;

/**
 * Does the same work in every cluster, each for itself.
 *
 * @returns one result for each target, in their order
 */
export function visitEach<T>(targets: readonly Target[], visit: Visit<T>, failed: Failed<T>): Promise<T[]> {
  const limit = pLimit(MAX_CLUSTERS);
  return Promise.all(targets.map((target) => limit(() => visitOne(target, visit, failed))));
}

/**
 * Signs in to a cluster, does some work and leaves.
 *
 * @param failed what stands for a cluster in which the work could not be done: a failure is a result like any other
 */
export async function visitOne<T>(target: Target, visit: Visit<T>, failed: Failed<T>): Promise<T> {
  try {
    const cluster = await target.connect();
    try {
      return await visit(cluster, target);
    } finally {
      cluster.close();
    }
  } catch (error) {
    return failed(target, describe(error));
  }
}

/** What stands for a cluster that gave no result. `now` is the guard's own time: the cluster may never have told its own. */
export const failedResult =
  (now: () => Instant) =>
  ({ name }: Target, error: NonNullable<ClusterResult["error"]>): ClusterResult => ({
    cluster: name,
    at: now(),
    plan: null,
    outcomes: [],
    nextLookAt: null,
    warnings: [],
    error,
  });

/** Only our own errors are known to hold no secret; of any other, not even the message is passed on. */
function describe(error: unknown): NonNullable<ClusterResult["error"]> {
  if (error instanceof GuardError) return { code: error.code, message: error.message };
  return {
    code: "Internal",
    message: `An unexpected ${kindOf(error)} stopped the work on this cluster. Please report it.`,
  };
}

/** The same work, or an error when it takes longer. The work itself goes on until its connection is closed. */
export function inTime<T>(work: Promise<T>, longest: Millis, late: () => GuardError): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), longest);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
