import { type Read, type ReadFailureCode, read, unread } from "../../../src/model/read.ts";
import { type Millis, SECOND } from "../../../src/model/time.ts";
import type { Cluster } from "../../../src/ports.ts";
import type { VirtualClock } from "../../../src/simulate/clock.ts";

import { garbled } from "./garbled.ts";
import { type Around, intercept } from "./intercept.ts";
import type { Process } from "./processes.ts";

/** What may happen to one request of the guard, or to the guard while it is under way. */
export type Mishap =
  | { readonly what: "fails"; readonly code: ReadFailureCode }
  /** No answer, until the adapter gives up. */
  | { readonly what: "hangs" }
  | { readonly what: "late"; readonly by: Millis }
  /** Answered at once, and long on its way back. */
  | { readonly what: "stale"; readonly by: Millis }
  /** Carried out, and the answer does not come back. */
  | { readonly what: "lost"; readonly code: ReadFailureCode }
  /** The guard has given up when it arrives. */
  | { readonly what: "overtaken"; readonly by: Millis }
  | { readonly what: "twice" }
  | { readonly what: "garbled"; readonly how: number }
  /** Just before it, somebody else writes to a gateway. */
  | { readonly what: "touched"; readonly gateway: number; readonly how: Touch }
  | { readonly what: "dies before" }
  | { readonly what: "dies after" };

/** What somebody else does: nothing of consequence, opt out, or overwrite the guard's note. */
export type Touch = "label" | "skip" | "note";

export interface Fault {
  /** Which request, by the name of its method, or `any`: the `nth` of this kind that the process sends, counted from 0. */
  readonly on: string;
  readonly nth: number;
  readonly mishap: Mishap;
}

/** How long the adapter waits for an answer. */
const ANSWER_TIMEOUT: Millis = 30 * SECOND;

export interface World {
  readonly clock: VirtualClock;
  readonly process: Process;
  readonly touch: (gateway: number, how: Touch) => void;
}

/** One process' view of the cluster: every request takes its turn, and some of them go wrong. */
export function faultyCluster(cluster: Cluster, world: World, faults: readonly Fault[]): Cluster {
  const { process } = world;
  const sent = new Map<Fault["on"], number>();
  const count = (on: Fault["on"]): number => {
    const before = sent.get(on) ?? 0;
    sent.set(on, before + 1);
    return before;
  };
  const around: Around = async (call, send) => {
    await process.turn();
    const numbers = { any: count("any"), [call]: count(call) };
    const fault = faults.find(({ on, nth }) => (on === "any" || on === call) && numbers[on] === nth);
    return fault === undefined ? send() : suffer(fault.mishap, world)(call, send);
  };
  const through = intercept(cluster, around);
  return {
    ...through,
    workloads: { ...through.workloads, follow: (...of) => around("follow", () => follow(cluster, process, ...of)) },
  };
}

/** How often somebody who follows a workload hears of it. */
const FOLLOW_STEP: Millis = 5 * SECOND;

/** As the cluster's own, but while one process waits here, others go on. */
async function follow(
  { workloads }: Cluster,
  process: Process,
  ...[ref, until, maxTime]: Parameters<Cluster["workloads"]["follow"]>
): Promise<Read<null>> {
  for (let waited = 0; ; waited += FOLLOW_STEP) {
    const seen = await workloads.workload(ref);
    if (!seen.ok) return seen;
    if (until(seen.value) || waited >= maxTime) return read(null);
    await process.sleep(FOLLOW_STEP);
  }
}

const failed = (call: string, code: ReadFailureCode): Read<never> =>
  unread({ code, what: `ask for ${call}`, message: `It did not work (${code}).` });

const never = <T>(): Promise<T> => new Promise(() => {});

function suffer(mishap: Mishap, { clock, process, touch }: World): Around {
  return async (call, send) => {
    switch (mishap.what) {
      case "fails":
        return failed(call, mishap.code);
      case "hangs":
        await process.sleep(ANSWER_TIMEOUT);
        return failed(call, "Timeout");
      case "late":
        await process.sleep(mishap.by);
        return send();
      case "stale": {
        const answer = await send();
        await process.sleep(mishap.by);
        return answer;
      }
      case "lost":
        await send();
        return failed(call, mishap.code);
      case "overtaken":
        clock.after(ANSWER_TIMEOUT + mishap.by, () => void send());
        await process.sleep(ANSWER_TIMEOUT);
        return failed(call, "Timeout");
      case "twice":
        await send();
        return send();
      case "garbled":
        return garbled(call, await send(), mishap.how);
      case "touched":
        touch(mishap.gateway, mishap.how);
        return send();
      case "dies before":
        process.die();
        return never();
      case "dies after":
        await send();
        process.die();
        return never();
    }
  };
}
