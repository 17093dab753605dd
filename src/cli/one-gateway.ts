import type { Target } from "../fleet.ts";
import type { ClusterResult } from "../model/decision.ts";
import type { GatewayName } from "../observe/find-gateway.ts";
import { withGateway } from "../one-gateway.ts";
import { refresh } from "../refresh.ts";
import type { HealOptions } from "./live/heal.ts";
import { tellStory } from "./live/told.ts";
import { type Rehearsal, type RehearsalOptions, type RehearsedRestart, rehearse } from "./rehearsal.ts";

/** Restarts one gateway, follows it to its proof and tells the story. Returns and throws as `withGateway`. */
export function refreshOne(target: Target, wanted: GatewayName, options: HealOptions): Promise<ClusterResult> {
  const { name, settings } = target;
  const { story, now } = options;
  return withGateway(target, wanted, options, (cluster, gateway, scope) => {
    const told = tellStory(cluster, name, story, now);
    const { restarter } = told;
    return refresh(told, gateway, { ...options, scope, name, settings, restarter, stopAt: null, onLook: story.looked });
  });
}

/** Asks the API server what it would do if this gateway were refreshed. Returns and throws as `withGateway`. */
export async function rehearseOne(target: Target, wanted: GatewayName, options: RehearsalOptions): Promise<Rehearsal> {
  const restarts: RehearsedRestart[] = [];
  const result = await withGateway(target, wanted, options, (cluster, gateway, scope) => {
    const asked = { ...target, settings: { ...target.settings, refresh: gateway } };
    return rehearse(cluster, asked, { ...options, scope }, (one) => restarts.push(one));
  });
  return { results: [result], restarts };
}
