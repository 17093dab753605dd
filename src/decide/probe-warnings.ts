import type { PodFacts } from "./facts.ts";
import type { ProbeDoubt } from "./probed-read.ts";

const DOUBTS: Readonly<Record<ProbeDoubt, string>> = {
  "other-subject": "The token in its file is another ServiceAccount's.",
  "before-pod": "The token in its file was issued before the pod was created.",
  "in-future": "It gives times in the future: check the time on the nodes.",
  "before-start": "Its privileged agent is said to be older than its container.",
};

/** Pods whose probe tells nothing, by the reason, so that a gateway of many pods gets one sentence. */
export function probeWarnings(pods: readonly PodFacts[]): readonly string[] {
  const failed = pods.flatMap(({ pod, probeDoubt }) => {
    if (pod.probe !== null && !pod.probe.ok) return [{ name: pod.name, why: pod.probe.failure.message }];
    return probeDoubt === null ? [] : [{ name: pod.name, why: DOUBTS[probeDoubt] }];
  });
  return [...Map.groupBy(failed, ({ why }) => why)].map(([why, [first, ...others]]) => {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return `The probe of pod ${first?.name}${more} tells nothing, so it is judged as without: ${why}`;
  });
}
