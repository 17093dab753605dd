import { type BlockerRule, blocker } from "./blocker.ts";

/**
 * A gateway whose new token may not list endpoints starts with no data at all, which is worse than old data. Asked only for
 * gateways that are about to be restarted.
 */
export const discoveryForbidden: BlockerRule = ({ facts: { gateway } }) => {
  const answer = gateway.mayDiscover;
  if (answer === null || (answer.ok && answer.value)) return null;
  const account = `ServiceAccount ${gateway.workload.namespace}/${gateway.workload.template.serviceAccount}`;
  return blocker(
    "DiscoveryForbidden",
    answer.ok
      ? `${account} may not list endpoints: its new pods would start without any upstream nodes. Mend its RBAC first.`
      : `Whether ${account} may list endpoints could not be checked: ${answer.failure.message}`,
  );
};
