import pLimit from "p-limit";
import { beforeAll, describe, expect, it } from "vitest";
import type { DecisionSettings, Policy } from "../../../src/model/policy.ts";
import type { AuditEvent } from "../control-plane/cluster/audit.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { gatewaySelector } from "../control-plane/manifests.ts";
import { settings } from "../gateways.ts";
import { type Expected, found } from "./expected.ts";
import { type Grant, type GuardIdentity, signUpGuard } from "./guard-identity.ts";
import { type Look, look } from "./look.ts";
import { GATEWAY } from "./placed-gateway.ts";
import { arrange, type Scenario } from "./scenario.ts";

/** Rows that are set up at once. Most of that is waiting for controllers; more than these keep two cores busy with asking. */
const AT_ONCE = 10;

/** A situation, and what a check must say of it. */
export interface Case extends Scenario, Pick<Grant, "without"> {
  /** No gateway at all. */
  readonly absent?: boolean;
  readonly policy?: Partial<Policy>;
  readonly rest?: Partial<DecisionSettings>;
}

export type Row = readonly [name: string, given: Case, expected: Expected];

/** What came of one row. */
interface Shown extends Look {
  readonly guard: GuardIdentity;
}

/**
 * One test for each row. The gateways of all rows are set up at the same time, each in a namespace of its own and looked at by an
 * identity of its own, before the first test.
 */
export function checkRows(cluster: Cluster, tables: Readonly<Record<string, readonly Row[]>>): void {
  const shown = new Map<Row, PromiseSettledResult<Shown>>();
  let events: readonly AuditEvent[] = [];

  beforeAll(async () => {
    const since = await cluster.audit.mark();
    const limit = pLimit(AT_ONCE);
    const rows = Object.values(tables).flat();
    const settled = await Promise.allSettled(rows.map((row) => limit(() => show(cluster, row))));
    for (const [index, row] of rows.entries()) {
      const result = settled[index];
      if (result !== undefined) shown.set(row, result);
    }
    events = await cluster.audit.events({ since });
  });

  const resultOf = (row: Row): Shown => {
    const result = shown.get(row);
    if (result?.status === "fulfilled") return result.value;
    throw result === undefined ? new Error("its setup never began") : result.reason;
  };

  describe.each(Object.entries(tables))("%s", (_, rows) => {
    it.each(rows.map((row) => [row[0], row] as const))("%s", (_name, row) => {
      const [, , expected] = row;
      const result = resultOf(row);
      expect(found(result, expected)).toEqual(expected);
      const asked = events.filter(({ user }) => user.username === result.guard.user);
      expect(asked).not.toEqual([]);
      expect(asked.filter(isNoRead)).toEqual([]);
      expect(asked.filter(listsOtherPods)).toEqual([]);
    });
  });
}

async function show(cluster: Cluster, [, given]: Row): Promise<Shown> {
  const { absent = false, policy, rest, without, ...scenario } = given;
  const namespace = await cluster.namespace("check");
  const guard = await signUpGuard(cluster, namespace, without === undefined ? {} : { without });
  if (!absent) await arrange(cluster, namespace, scenario);
  // As somebody who may restart sees it; where the mode is check, that alone would hold every restart back.
  const seen = await look(cluster, guard, { namespaces: [namespace], settings: settings(policy, rest) });
  return { ...seen, guard };
}

/**
 * A check does not write, not even as a dry run. A SubjectAccessReview is created, answered and stored nowhere, hence a question
 * like any other.
 */
const isNoRead = ({ verb, objectRef }: AuditEvent): boolean =>
  verb !== "get" && verb !== "list" && objectRef?.resource !== "subjectaccessreviews";

/** A list of pods by less than the gateway's own labels reads other people's. */
function listsOtherPods({ verb, objectRef, requestURI }: AuditEvent): boolean {
  const selector = new URL(requestURI, "https://localhost").searchParams.get("labelSelector") ?? "";
  return verb === "list" && objectRef?.resource === "pods" && !selector.split(",").includes(gatewaySelector(GATEWAY));
}
