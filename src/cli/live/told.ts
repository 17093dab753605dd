import { isReload } from "../../decide/last-reload.ts";
import { parseLastRestart } from "../../evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION } from "../../model/annotations.ts";
import type { Read } from "../../model/read.ts";
import type { Instant } from "../../model/time.ts";
import type { GatewayRef } from "../../model/workload.ts";
import { workloadOf } from "../../observe/workload.ts";
import type { Cluster, Restarter } from "../../ports.ts";
import type { RestartNote, Story } from "./story.ts";

/** The same restarter; around every restart that it sends somebody is told. */
export function tellRestarts(
  restarter: Restarter,
  before: (ref: GatewayRef, note: RestartNote) => void,
  after: (ref: GatewayRef, answer: Read<null>) => void,
): Restarter {
  return {
    ...restarter,
    patch: async (ref, body) => {
      const note = parseLastRestart(body.metadata.annotations[LAST_RESTART_ANNOTATION], Number.POSITIVE_INFINITY);
      // Other patches without a template are claims, and the results of earlier restarts.
      const orders = note.state === "known" && (body.spec !== undefined || (isReload(note) && note.result === null));
      if (!orders) return restarter.patch(ref, body);
      before(ref, note);
      const answer = await restarter.patch(ref, body);
      after(ref, answer);
      return answer;
    },
  };
}

/** The same cluster; the story is told of restarts, and of rollouts while they are waited for. */
export function tellStory(cluster: Cluster, name: string, story: Story, now: () => Instant): Cluster {
  return {
    ...cluster,
    restarter: tellRestarts(
      cluster.restarter,
      (ref, note) => story.ordering(name, ref, note),
      (ref, answer) => story.ordered(name, ref, answer),
    ),
    workloads: {
      ...cluster.workloads,
      follow: (ref, until, maxTime) => {
        const tell: typeof until = (seen) => {
          const workload = workloadOf(seen, now());
          if (!("missing" in workload)) story.figures(name, ref, workload.figures);
          return until(seen);
        };
        return cluster.workloads.follow(ref, tell, maxTime);
      },
    },
  };
}
