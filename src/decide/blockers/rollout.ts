import { isReloading } from "../last-reload.ts";
import { type BlockerRule, blocker } from "./blocker.ts";

/**
 * Somebody's rollout is under way: a second one on top makes it hard to tell what broke. Neither is anything begun in the middle of a
 * reload.
 */
export const rolloutInProgress: BlockerRule = ({ facts: { rollout, gateway, now } }) =>
  isReloading(gateway.workload.lastRestart, now)
    ? blocker("RolloutInProgress", "A reload is under way, or its result is not noted yet.")
    : rollout.state === "progressing"
      ? blocker("RolloutInProgress", `A rollout is under way: ${rollout.message}`)
      : null;

/** New pods do not become Ready: more of them would not either. */
export const rolloutFailed: BlockerRule = ({ facts: { rollout } }) =>
  rollout.state === "failed"
    ? blocker("RolloutFailed", `${rollout.message} Mend or roll back that rollout first.`)
    : null;

/**
 * Pods are missing. An urgent restart goes ahead while no more are missing than the workload's own strategy allows, and never
 * from the last available one. Pods on nodes that are not Ready do not count against a DaemonSet, which cannot move them. A reload
 * takes no pod away.
 */
export const notFullyAvailable: BlockerRule = ({ facts, cure, urgent }) => {
  if (cure === "reload") return null;
  const { kind, figures } = facts.gateway.workload;
  const stranded =
    kind === "DaemonSet" ? facts.pods.filter(({ pod }) => pod.nodeReady === false && !pod.ready).length : 0;
  const desired = figures.desired - stranded;
  if (figures.available >= desired) return null;
  const enough = figures.available >= desired - figures.maxUnavailable && figures.available >= 1;
  return blocker(
    "NotFullyAvailable",
    `${figures.available} of ${desired} pods are available; its strategy allows ${figures.maxUnavailable} to be missing.`,
    urgent && enough,
  );
};
