/** The group whose members are the guard, unless another is named. */
export const DEFAULT_GROUP = "apisix-token-guard";

/** The group of those that look and never restart, unless another is named. */
export const DEFAULT_READ_GROUP = "apisix-token-guard-read";

/**
 * Kubernetes takes any text for a group. Here it stands between quotes in an expression of the admission policy, so quotes and
 * backslashes are out, and so is what cannot be seen.
 */
const GROUP = /^(?! )[ -~]{1,253}(?<! )$/;
const BREAKS_OUT = /['"\\`]/;

/** The API server's own groups hold everybody, or its masters: the policy would take `patch` away from all of them. */
const OWN_GROUP = /^system:/;
const SERVICE_ACCOUNTS_OF_ONE_NAMESPACE = /^system:serviceaccounts:[a-z0-9-]+$/;

export const GROUP_EXPECTED =
  "a group of the guard's alone: at most 253 visible ASCII characters without quotes or backslash, and none of Kubernetes' own (system:…) but system:serviceaccounts:NAMESPACE";

export const isGroup = (text: string): boolean =>
  GROUP.test(text) && !BREAKS_OUT.test(text) && (!OWN_GROUP.test(text) || SERVICE_ACCOUNTS_OF_ONE_NAMESPACE.test(text));
