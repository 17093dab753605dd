/** The annotation that `kubectl rollout restart` writes into the pod template; the guard writes the same one. */
export const RESTARTED_AT_ANNOTATION = "kubectl.kubernetes.io/restartedAt";

/** The guard's only memory, on the workload itself (see model/last-restart.ts). */
export const LAST_RESTART_ANNOTATION = "apisix-token-guard/last-restart";

/** Set by a gateway's owners who do not want the guard to restart it: anything but `false` counts. */
export const SKIP_ANNOTATION = "apisix-token-guard/skip";
