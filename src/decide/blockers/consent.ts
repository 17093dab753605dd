import { type BlockerRule, blocker } from "./blocker.ts";

/** A paused Deployment takes the patch and rolls nothing; kubectl refuses it too. */
export const paused: BlockerRule = ({ facts }) =>
  facts.gateway.workload.figures.paused
    ? blocker("Paused", "The Deployment is paused: a restart would not roll. Run kubectl rollout resume.")
    : null;

/** Its owners do not want the guard to touch it. */
export const optedOut: BlockerRule = ({ facts }) =>
  facts.gateway.workload.optedOut ? blocker("OptedOut", "It carries the annotation apisix-token-guard/skip.") : null;

/** The guard may look at this cluster, and no more. */
export const checkOnly: BlockerRule = ({ facts }) =>
  facts.settings.mode === "check"
    ? blocker("CheckOnly", "The mode of this cluster is check: nothing is restarted in it.")
    : null;
