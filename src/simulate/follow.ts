import { toWatch } from "../model/asked.ts";
import { read, unread } from "../model/read.ts";
import { SECOND } from "../model/time.ts";
import type { Workloads } from "../ports.ts";
import { failure } from "./refusals.ts";
import { getWorkload } from "./revisions.ts";
import type { SimulatedState } from "./state.ts";

/** Waiting lets virtual time pass, a second at a time, until somebody has seen enough. */
export function simulatedFollow(state: SimulatedState): Workloads["follow"] {
  return async (ref, until, maxTime) => {
    const { kind, namespace, name } = ref;
    const asked = toWatch(ref);
    const refused = state.refusals.find({ call: "follow", asked, namespace, name });
    if (refused !== null) return unread(refused);
    const end = state.clock.now() + maxTime;
    for (;;) {
      const workload = getWorkload(state, kind, namespace, name);
      if (workload === null) return unread(failure("NotFound", asked));
      if (until(workload) || state.clock.now() >= end) return read(null);
      state.clock.advance(Math.min(SECOND, end - state.clock.now()));
    }
  };
}
