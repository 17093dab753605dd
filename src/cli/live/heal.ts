import { failedResult, type Target, visitEach } from "../../fleet.ts";
import type { ClusterResult } from "../../model/decision.ts";
import type { EvidenceSwitches, GatewayScope } from "../../model/observation.ts";
import type { Instant } from "../../model/time.ts";
import type { Progress, Sleep } from "../../ports.ts";
import { remediate } from "../../remediate.ts";
import type { Story } from "./story.ts";
import { tellStory } from "./told.ts";

/** What healing takes beside the clusters; a test gives it virtual time. */
export interface HealOptions {
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  readonly story: Story;
  readonly sleep: Sleep;
  /** The guard's own time. */
  readonly now: () => Instant;
  readonly progress?: Progress | undefined;
}

/** Heals every cluster, each for itself, and tells the story. */
export function healEach(targets: readonly Target[], options: HealOptions): Promise<ClusterResult[]> {
  const { story, now } = options;
  const heal = (cluster: Parameters<typeof tellStory>[0], { name, settings }: Target) => {
    const told = tellStory(cluster, name, story, now);
    return remediate(told, {
      ...options,
      name,
      settings,
      restarter: told.restarter,
      stopAt: null,
      onLook: story.looked,
    });
  };
  return visitEach(targets, heal, failedResult(now));
}
