import type { ClusterObservation } from "./observation.ts";
import type { Permission, Purpose, Read, ReadFailure } from "./read.ts";
import type { Instant } from "./time.ts";
import type { GatewayRef } from "./workload.ts";

/** What `doctor` looks at, in the order of its list. */
export const CHECKS = [
  "SignIn",
  "ServerVersion",
  "Clock",
  "Permission",
  "ExcessPermission",
  "AdmissionPolicy",
  "Gateways",
  "Restart",
  "Logs",
  "Probe",
  "Reload",
  "AuditLog",
  "ArgoRollouts",
] as const;
export type CheckName = (typeof CHECKS)[number];

/**
 * `warning`: the guard works, and somebody should know. `unknown`: it could not be checked. `wrong`: the guard will not work as it
 * should. `skipped`: there was nothing to check.
 */
export const CHECK_STATES = ["ok", "warning", "unknown", "wrong", "skipped"] as const;
export type CheckState = (typeof CHECK_STATES)[number];

export interface Check {
  readonly check: CheckName;
  /** The gateway, permission or other thing that it is about; null: the cluster. */
  readonly subject: string | null;
  readonly state: CheckState;
  readonly message: string;
}

/** How well one cluster is prepared for the guard. */
export interface Checkup {
  readonly cluster: string;
  readonly at: Instant;
  readonly gitVersion: string | null;
  readonly checks: readonly Check[];
}

/** What was asked and answered in one cluster, before it is judged. */
export interface Examination {
  /** What the identity is for. */
  readonly purpose: Purpose;
  readonly observation: ClusterObservation;
  /** Where the audit log is: `given` to be read, in a log `group` of CloudWatch that is out of reach here, or wanted by nobody. */
  readonly auditSource: "given" | "group" | "none";
  /** What the guard needs. */
  readonly needed: readonly PermissionAnswer[];
  /** What it must not have. */
  readonly excess: readonly PermissionAnswer[];
  /** What the API server says to a restart of each gateway that is not meant; none is tried by who only looks. */
  readonly restarts: readonly TriedChange[];
  /** What pods say to a reload that ends nothing; none is tried where reloads are not asked for, or by who only looks. */
  readonly reloads: readonly TriedChange[];
  /** What it says to a change that is no restart; null: not asked, because it accepted no restart either. */
  readonly relabel: TriedChange | null;
  readonly rollouts: ClusterObservation["unsupported"];
  readonly rolloutFailures: readonly ReadFailure[];
}

export interface PermissionAnswer {
  readonly permission: Permission;
  readonly answer: Read<boolean>;
}

export interface TriedChange {
  readonly gateway: GatewayRef;
  readonly answer: Read<null>;
}
