import type { WorkloadKind } from "../../model/workload.ts";

/** The kinds as they stand in paths. */
export const PLURALS: Readonly<Record<WorkloadKind, string>> = {
  Deployment: "deployments",
  DaemonSet: "daemonsets",
  StatefulSet: "statefulsets",
};
