import type { Instant } from "./time.ts";

/** What a gateway's ConfigMaps say about Kubernetes service discovery. Never holds a value that could be a token. */
export interface GatewayConfig {
  readonly discovery:
    | { readonly state: "off" }
    | { readonly state: "on"; readonly clusters: readonly DiscoveryCluster[] }
    /** The mounted ConfigMaps hold no APISIX configuration that can be understood. */
    | { readonly state: "unknown"; readonly why: string };
  /**
   * API-driven standalone (role traditional, config_provider yaml): a new pod has no routes until a controller pushes them, so a
   * restart is risky.
   */
  readonly apiDrivenStandalone: boolean;
  /** The error log is not on the container's output, or holds no errors: no refusal is ever seen there. */
  readonly hidesErrors: boolean;
  /** The newest change of the ConfigMaps. APISIX mounts them by subPath, so a running container does not see later changes. */
  readonly changedAt: Instant | null;
}

/** One cluster that APISIX discovers services in. More than one entry: log lines do not say which cluster refused. */
export interface DiscoveryCluster {
  readonly token:
    | { readonly kind: "file"; readonly path: string }
    /** A literal or an environment variable. */
    | { readonly kind: "static" };
}

/** Where APISIX looks when nothing is configured. */
export const DEFAULT_TOKEN_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token";
