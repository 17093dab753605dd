import { type Asked, explainForbidden } from "../model/asked.ts";
import type { Permission, ReadFailure, ReadFailureCode } from "../model/read.ts";
import type { Access, Restarter, Workloads } from "../ports.ts";

/** What is asked through the ports, by the name of the method; a write also when it is a dry run. */
export type Call = keyof Workloads | keyof Access | keyof Restarter | "log" | "exec" | "reload";

/** A failure to be given in place of an answer. */
export interface Fault {
  readonly call: Call;
  readonly code: ReadFailureCode;
  /** Only where this namespace is asked; left out: anywhere. */
  readonly namespace?: string;
  /** Only for this object (for a log or a command: this pod); left out: for all. */
  readonly name?: string;
  /** How often; left out: for ever. */
  readonly times?: number;
}

/** What is asked of a cluster, as far as it decides whether it is refused. */
export interface Question {
  readonly call: Call;
  readonly asked: Asked;
  readonly namespace: string | null;
  readonly name?: string;
}

export interface Refusals {
  fail(fault: Fault): void;
  deny(permission: Permission): void;
  /** The failure to answer with, or null. A fault with a count is used up by it. */
  find(question: Question): ReadFailure | null;
  lacks(permission: Permission): boolean;
}

export function createRefusals(): Refusals {
  const faults: { fault: Fault; left: number }[] = [];
  const denied: Permission[] = [];
  const lacks = (permission: Permission) => denied.some((missing) => covers(missing, permission));
  return {
    lacks,
    fail: (fault) => faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    deny: (permission) => denied.push(permission),
    find(question) {
      const entry = faults.find(({ fault, left }) => left > 0 && isFor(fault, question));
      if (entry !== undefined) {
        entry.left--;
        return failure(entry.fault.code, question.asked);
      }
      const { permission } = question.asked;
      return permission !== null && lacks(permission) ? failure("Forbidden", question.asked) : null;
    },
  };
}

const isFor = (fault: Fault, { call, namespace, name }: Question): boolean =>
  fault.call === call &&
  (fault.namespace === undefined || fault.namespace === namespace) &&
  (fault.name === undefined || fault.name === name);

/** Who lacks a permission in one namespace lacks it for the whole cluster, too: RBAC only ever adds. */
const covers = (missing: Permission, wanted: Permission): boolean =>
  missing.verb === wanted.verb &&
  missing.resource === wanted.resource &&
  (missing.namespace === null || wanted.namespace === null || missing.namespace === wanted.namespace);

const MESSAGES: Record<ReadFailureCode, string> = {
  Forbidden: "The API server refuses this to the identity that asks (403).",
  Unauthorized: "The API server does not accept the sign-in (401); sign in again.",
  Conflict: "It has changed since it was read (409); it has to be looked at again.",
  NotFound: "It does not exist, or no longer (404).",
  Throttled: "The API server is too busy to answer (429); try again later.",
  Expired: "The list expired while its pages were read (410), twice; try again.",
  Refused: "The API server refuses the request (400).",
  ServerError: "The API server failed to answer (500); try again.",
  Unreachable: "No connection to the simulated cluster; check the network.",
  UntrustedCertificate: "The certificate of the simulated cluster is not trusted; check its CA.",
  Timeout: "The simulated cluster did not answer in time; try again later.",
  InvalidAnswer: "The simulated cluster did not answer as a Kubernetes API server does.",
  TooLarge: "The answer is too large; name the namespaces to look into.",
};

export function failure(code: ReadFailureCode, { what, permission, explain }: Asked): ReadFailure {
  if (code === "Forbidden" && permission !== null) {
    return { code, what, message: explain?.Forbidden ?? explainForbidden(permission), permission };
  }
  return { code, what, message: explain?.[code] ?? MESSAGES[code] };
}
