import type { GatewayRef } from "./workload.ts";

/** What helps for good comes first: the order in which advice is given. Each has a section in the runbook. */
export const ADVICE = [
  "UpgradeApisix",
  "RemoveTokenVolume",
  "SetTokenLifetime",
  "ReplaceStaticToken",
  "GrantDiscovery",
  "ShowErrorLog",
  "KeepLogsLonger",
  "MoveWindows",
] as const;
export type AdviceCode = (typeof ADVICE)[number];

/** What would help one gateway. */
export interface Hint {
  readonly code: AdviceCode;
  /** The gateway's own number or name that makes the advice concrete: its version, what its volume asks for. */
  readonly about: string | null;
}

/** What people can do for a cluster, beyond the restarts. */
export interface Advice {
  readonly code: AdviceCode;
  /** What to do and why, with this cluster's own numbers. */
  readonly message: string;
  /** Whom it would help. */
  readonly gateways: readonly GatewayRef[];
}
