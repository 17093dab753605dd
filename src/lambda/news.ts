import { snsNotifier } from "../adapters/aws/sns-notifier.ts";
import type { ClusterResult } from "../model/decision.ts";
import { newsOf } from "../report/news.ts";
import type { Run } from "./run.ts";

/** Tells people what every look brings, each thing once in a run. What could not be told is logged, and tried again with the next look. */
export function newsTeller({ environment: { topicArn }, signIn, telemetry }: Run) {
  const notify = topicArn === null ? null : snsNotifier({ topicArn, credentials: signIn() });
  const told = new Set<string>();
  return async (look: ClusterResult): Promise<void> => {
    for (const { key, ...news } of newsOf(look)) {
      if (notify === null || told.has(key)) continue;
      const answer = await notify(news);
      if (answer.ok) {
        told.add(key);
        continue;
      }
      telemetry.log({ level: "warn", message: `Nobody was told: ${answer.failure.message}`, fields: { news } });
    }
  };
}
