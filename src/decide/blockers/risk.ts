import { isLatestTag } from "../../evidence/image-version.ts";
import type { Risk } from "../../model/policy.ts";
import { configChangedSinceStart } from "../checks/discovery.ts";
import type { GatewayFacts } from "../facts.ts";
import { type BlockerRule, blocker } from "./blocker.ts";

const RISKS: Readonly<Record<Risk, (facts: GatewayFacts) => string | null>> = {
  recreate: ({ gateway: { workload } }) =>
    workload.figures.strategy === "Recreate"
      ? "The strategy is Recreate: all pods stop before a new one starts."
      : null,
  onDelete: ({ gateway: { workload } }) =>
    workload.figures.strategy === "OnDelete"
      ? "The update strategy is OnDelete: pods keep their token until somebody deletes them."
      : null,
  partition: ({ gateway: { workload } }) =>
    workload.figures.partition > 0
      ? `The StatefulSet has partition ${workload.figures.partition}: pods below it keep their token.`
      : null,
  configChanged: (facts) => {
    const { config } = facts.gateway;
    // One that is not there has no change to put into service; a volume may call it optional.
    if (config !== null && !config.ok && config.failure.code !== "NotFound")
      return `Whether a restart would put a change of its ConfigMap into service is not known: ${config.failure.message}`;
    return configChangedSinceStart(facts)
      ? "Its ConfigMap is newer than a running container: a restart would put that change into service."
      : null;
  },
  standalone: ({ gateway: { config } }) =>
    config?.ok && config.value.apiDrivenStandalone
      ? "It runs API-driven standalone: a new pod has no routes until the controller pushes them."
      : null,
  latest: ({ gateway: { workload } }) =>
    workload.template.container !== null && isLatestTag(workload.template.container.image)
      ? "Its image tag may have moved: a restart could start another version."
      : null,
};

/**
 * Restarts that can do harm by themselves; the policy may allow each by name (`policy.allowRisky`). All of them are about pods that come
 * and go, which a reload leaves alone.
 */
export const riskyRestart: BlockerRule = ({ facts, cure }) =>
  (cure === "reload" ? [] : (Object.keys(RISKS) as Risk[])).flatMap((risk) => {
    const message = RISKS[risk](facts);
    if (message === null) return [];
    const allowed = facts.settings.policy.allowRisky.includes(risk);
    const how = allowed ? "Allowed by policy.allowRisky." : `Allow it with policy.allowRisky: [${risk}].`;
    return [blocker("RiskyRestart", `${message} ${how}`, allowed)];
  });
