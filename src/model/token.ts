import { HOUR, type Millis } from "./time.ts";

/** A token that lives shorter would need a restart more than twice a day: no schedule of restarts is a cure. */
export const SHORTEST_LIFETIME: Millis = 12 * HOUR;

/** Where the token that an APISIX pod read at start came from. It decides how old it may be and whether a restart renews it. */
export type TokenSource =
  | {
      readonly kind: "projected";
      /** Seconds the pod asked for: 3607 when Kubernetes injected the volume, else what somebody wrote into it (default 3600). */
      readonly expirationSeconds: number;
      /** Where APISIX looks for it in its container. */
      readonly path: string;
    }
  /** A file that the kubelet does not renew: a Secret, or a path outside every known volume. */
  | { readonly kind: "file" }
  /** Written into the configuration or an environment variable: only a change of that value renews it. */
  | { readonly kind: "static" }
  | { readonly kind: "unknown"; readonly why: string };
