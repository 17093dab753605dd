import { toCreateEvent, toPatch } from "../model/asked.ts";
import { MAX_EVENT_MESSAGE } from "../model/event.ts";
import { read, unread } from "../model/read.ts";
import { gatewayId } from "../model/workload.ts";
import type { Restarter } from "../ports.ts";
import { AFTER_RESTART } from "./pod-life.ts";
import { watchDeadline } from "./progress-deadline.ts";
import { failure } from "./refusals.ts";
import { getWorkload } from "./revisions.ts";
import { rollOver } from "./rollover.ts";
import type { SimulatedState } from "./state.ts";

/** Annotations of the workload and of its template are what these patches change; a new template rolls over with the clock. */
export function simulatedRestarter(state: SimulatedState, mode: "store" | "dryRun"): Restarter {
  return {
    patch: async (ref, body) => {
      const { kind, namespace, name } = ref;
      const asked = toPatch(ref);
      const refused = state.refusals.find({ call: "patch", asked, namespace, name });
      if (refused !== null) return unread(refused);
      const workload = getWorkload(state, kind, namespace, name);
      if (workload === null) return unread(failure("NotFound", asked));
      if (workload.object.metadata.resourceVersion !== body.metadata.resourceVersion) {
        return unread(failure("Conflict", asked));
      }
      if (mode === "dryRun") return read(null);
      const { object } = workload;
      const before = JSON.stringify(object.spec?.template);
      object.metadata.annotations = { ...object.metadata.annotations, ...body.metadata.annotations };
      const template = object.spec?.template;
      if (template !== undefined && body.spec !== undefined) {
        const annotations = { ...template.metadata?.annotations, ...body.spec.template.metadata.annotations };
        template.metadata = { ...template.metadata, annotations };
      }
      state.store.put(kind, object);
      if (JSON.stringify(template) !== before) {
        const gateway = state.gateways.get(gatewayId(ref)) ?? {
          ref,
          nodes: 0,
          afterRestart: AFTER_RESTART,
          progressDeadlineExceeded: false,
        };
        watchDeadline(state, gateway);
        rollOver(state, gateway);
      }
      return read(null);
    },
    createEvent: async (event) => {
      const { namespace, name } = event.workload;
      const asked = toCreateEvent(event.workload);
      const refused = state.refusals.find({ call: "createEvent", asked, namespace, name });
      if (refused !== null) return unread(refused);
      const key = `${namespace}/${event.name}`;
      if (mode === "dryRun" || state.events.has(key)) return read(null);
      if (Buffer.byteLength(event.message) > MAX_EVENT_MESSAGE) return unread(failure("Refused", asked));
      state.events.set(key, event);
      return read(null);
    },
  };
}
