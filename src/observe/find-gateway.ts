import { GuardError } from "../model/errors.ts";
import { nearest } from "../model/nearest.ts";
import type { GatewayScope } from "../model/observation.ts";
import type { Instant } from "../model/time.ts";
import { type GatewayRef, WORKLOAD_KINDS, type WorkloadKind } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { listWorkloads } from "./list.ts";

/** What somebody typed to name a gateway. */
export interface GatewayName {
  readonly namespace: string;
  readonly name: string;
  /** `--kind`; null: whichever there is. */
  readonly kind: WorkloadKind | null;
}

/** More names than this help nobody. */
const MOST_LISTED = 10;

/**
 * The one gateway of that name.
 *
 * @throws GuardError `BadUsage` when there are several; `NoGatewayFound` with the names that could be meant when there is none;
 *   `ClusterUnreadable` when that cannot be told
 */
export async function findGateway(
  cluster: Cluster,
  wanted: GatewayName,
  scope: GatewayScope,
  now: Instant,
): Promise<GatewayRef> {
  const id = `${wanted.namespace}/${wanted.name}`;
  const { workloads, failures } = await listWorkloads(cluster, scope, now);
  const named = workloads.filter(({ namespace, name }) => `${namespace}/${name}` === id);
  const [gateway, ...others] = named.filter(({ kind }) => wanted.kind === null || kind === wanted.kind);
  if (gateway === undefined) {
    const [failed] = failures;
    if (failed !== undefined)
      throw new GuardError("ClusterUnreadable", `Whether there is ${id} is not known: ${failed.message}`);
    const [other] = named;
    if (other !== undefined)
      throw new GuardError("BadUsage", `${id} is not a ${wanted.kind}, it is a ${other.kind}; leave out --kind.`);
    throw (await notAGateway(cluster, wanted, scope)) ?? unknown(id, workloads);
  }
  if (others.length > 0) {
    const kinds = named.map(({ kind }) => kind).join(" and a ");
    throw new GuardError("BadUsage", `${id} is a ${kinds}; say which with --kind.`);
  }
  if (gateway.template.container === null) {
    throw new GuardError("NoGatewayFound", `${id} is no gateway: none of its containers looks like APISIX.`);
  }
  const { kind, namespace, name } = gateway;
  return { kind, namespace, name };
}

/** A workload of that name that the selector leaves out. */
async function notAGateway(
  { workloads }: Cluster,
  { kind: only, ...id }: GatewayName,
  { selector }: GatewayScope,
): Promise<GuardError | null> {
  for (const kind of only === null ? WORKLOAD_KINDS : [only]) {
    if (!(await workloads.workload({ ...id, kind })).ok) continue;
    const what = `${id.namespace}/${id.name} is a ${kind} and no gateway`;
    return new GuardError("NoGatewayFound", `${what}: it does not match gateways.selector (${selector}).`);
  }
  return null;
}

function unknown(id: string, gateways: readonly GatewayRef[]): GuardError {
  const names = [...new Set(gateways.map(({ namespace, name }) => `${namespace}/${name}`))].sort();
  const meant = nearest(id, names);
  const listed = names.slice(0, MOST_LISTED).join(", ") + (names.length > MOST_LISTED ? " and more" : "");
  const there = names.length === 0 ? "none was found" : `there are: ${listed}`;
  const hint = meant === null ? there : `did you mean ${meant}?`;
  return new GuardError("NoGatewayFound", `There is no gateway ${id}; ${hint}`);
}
