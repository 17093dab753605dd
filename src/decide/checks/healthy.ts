import { formatDuration } from "../../model/duration.ts";
import { isoSeconds } from "../../model/time.ts";
import type { GatewayFacts } from "../facts.ts";
import { ageing } from "./age.ts";
import type { Finding } from "./check.ts";

/** What is left when no other check says anything. */
export function healthy(facts: GatewayFacts): Finding {
  const pods = ageing(facts);
  if (pods.length === 0) {
    return {
      verdict: "healthy",
      reason: "AgeNotKnowable",
      message: `${whyNotKnowable(facts)} Its age is not knowable; refusals in the log are watched.`,
    };
  }
  const dueAt = Math.min(...pods.map(({ times }) => times.dueAt));
  const deadline = Math.min(...pods.map(({ times }) => times.deadline));
  return {
    verdict: "healthy",
    reason: "TokenYoung",
    message:
      `Its oldest token may be refused in ${formatDuration(deadline - facts.now)} at the earliest; ` +
      `it is due for a restart in ${formatDuration(dueAt - facts.now)} (${isoSeconds(dueAt)}).`,
  };
}

function whyNotKnowable({ running }: GatewayFacts): string {
  const token = running.find(({ token }) => token.issuedAt === null)?.pod.token;
  switch (token?.kind) {
    case "static":
      return "Its token stands in the configuration or an environment variable.";
    case "file":
      return "Its token comes from a file that Kubernetes does not renew.";
    case "unknown":
      return token.why;
    default:
      return "This version numbers differently from Apache APISIX, so what it does with its token is not known.";
  }
}
