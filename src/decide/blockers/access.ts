import type { DiscoveryAccess } from "../../model/observation.ts";
import type { Read } from "../../model/read.ts";
import { type BlockerRule, blocker } from "./blocker.ts";

/**
 * A gateway whose new token may not list endpoints starts with no data at all, which is worse than old data. Asked only for
 * gateways that are about to be restarted.
 */
export const discoveryForbidden: BlockerRule = ({ facts: { gateway } }) => {
  const answer = gateway.mayDiscover;
  if (answer === null || (answer.ok && answer.value === "allowed")) return null;
  const account = `ServiceAccount ${gateway.workload.namespace}/${gateway.workload.template.serviceAccount}`;
  return blocker("DiscoveryForbidden", `${account} ${whatIsWrong(answer)}`);
};

function whatIsWrong(answer: Read<DiscoveryAccess>): string {
  if (!answer.ok) return `could not be checked: ${answer.failure.message}`;
  return answer.value === "no-account"
    ? "does not exist: no new pod would be admitted. Create it again first."
    : "may not list endpoints: its new pods would start without any upstream nodes. Mend its RBAC first.";
}
