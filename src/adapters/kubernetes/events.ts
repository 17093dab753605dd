import { toCreateEvent } from "../../model/asked.ts";
import type { WorkloadEvent } from "../../model/event.ts";
import { read } from "../../model/read.ts";
import { isoSeconds } from "../../model/time.ts";
import type { Restarter } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { requireJson } from "./body.ts";
import { EVENT_TIMEOUT } from "./limits.ts";
import type { ServerAddress } from "./server-address.ts";
import type { Transport } from "./transport.ts";
import { type WriteMode, writeQuery } from "./write-query.ts";

const COMPONENT = "apisix-token-guard";

/** Straight from the transport, as the patches are, and without retries: nobody waits for an event. */
export function eventCreator(
  { basePath, label }: ServerAddress,
  transport: Transport,
  mode: WriteMode,
): Restarter["createEvent"] {
  const query = writeQuery(mode);
  return async (event) => {
    const created = await attempt(toCreateEvent(event.workload), label, async () => {
      const response = await transport.open({
        method: "POST",
        path: `${basePath}/api/v1/namespaces/${encodeURIComponent(event.workload.namespace)}/events?${query}`,
        headers: { accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify(toObject(event)),
        maxWait: EVENT_TIMEOUT,
      });
      requireJson(response, label);
      // The status has said it all.
      response.destroy();
      return null;
    });
    // AlreadyExists: what is created has no resourceVersion that could be in conflict.
    return !created.ok && created.failure.code === "Conflict" ? read(null) : created;
  };
}

/**
 * An Event of core/v1, as the workload's own controller writes them. In events.k8s.io/v1 the API server refuses the older fields, and
 * `kubectl describe`, `kubectl get events --sort-by=.lastTimestamp` and most exporters go by those: our events would stand in the
 * wrong place. With `eventTime` and the reporting fields, readers of events.k8s.io/v1 find everything as well, and the API server
 * checks the lengths.
 */
function toObject({ name, workload, cure, type, reason, message, at }: WorkloadEvent): object {
  const { kind, namespace, name: workloadName, uid } = workload;
  const moment = isoSeconds(at);
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace, name },
    involvedObject: { apiVersion: "apps/v1", kind, namespace, name: workloadName, uid },
    type,
    reason,
    message,
    // A MicroTime: parsed only with a fraction of six digits.
    eventTime: moment.replace("Z", ".000000Z"),
    firstTimestamp: moment,
    lastTimestamp: moment,
    count: 1,
    action: cure === "reload" ? "Reload" : "Restart",
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: COMPONENT,
  };
}
