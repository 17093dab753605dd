import { SECOND } from "../model/time.ts";
import { isOf, isReady, isTerminating, podsOf } from "./pods.ts";
import { getWorkload, revisionOf } from "./revisions.ts";
import type { SimulatedGateway, SimulatedState } from "./state.ts";
import { updateStatus } from "./workload-status.ts";

/** The default of `progressDeadlineSeconds`. */
const PROGRESS_DEADLINE_SECONDS = 600;

/**
 * A Deployment's condition ProgressDeadlineExceeded. Simplified: Kubernetes counts from the last progress, this from the change of
 * the template.
 */
export function watchDeadline(state: SimulatedState, gateway: SimulatedGateway): void {
  const { kind, namespace, name } = gateway.ref;
  if (kind !== "Deployment") return;
  gateway.progressDeadlineExceeded = false;
  const deployment = state.store.get(kind, namespace, name);
  state.clock.after((deployment?.spec?.progressDeadlineSeconds ?? PROGRESS_DEADLINE_SECONDS) * SECOND, () => {
    const workload = getWorkload(state, kind, namespace, name);
    const template = workload?.object.spec?.template;
    if (workload === null || JSON.stringify(template) !== JSON.stringify(deployment?.spec?.template)) return;
    const newest = revisionOf(state, workload, template ?? {});
    const pods = podsOf(state, workload).filter((pod) => !isTerminating(pod));
    gateway.progressDeadlineExceeded = !pods.every((pod) => isOf(newest)(pod) && isReady(pod));
    updateStatus(state, workload, newest);
  });
}
