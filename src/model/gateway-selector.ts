/** What the official chart and most others put on a gateway's workload. */
export const DEFAULT_SELECTOR = "app.kubernetes.io/name=apisix";

/** The control plane of a Bitnami release carries the same name label as its gateways and discovers nothing. */
const NOT_CONTROL_PLANE = "app.kubernetes.io/component!=control-plane";

/** The whole label selector by which gateways are looked for, given `gateways.selector`. What it leaves out is never restarted. */
export const gatewaySelector = (selector: string): string => `${selector.trim()},${NOT_CONTROL_PLANE}`;
