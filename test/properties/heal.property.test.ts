import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GuardError } from "../../src/model/errors.ts";
import { HOUR, MINUTE, type Millis } from "../../src/model/time.ts";
import { gatewayId } from "../../src/model/workload.ts";
import { remediate } from "../../src/remediate.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import { NOW, POLICY } from "../support/gateways.ts";
import { anyCast, anyShifts, type Cast, type Shift } from "../support/heal/arbitrary.ts";
import { type Fault, faultyCluster } from "../support/heal/faults.ts";
import { type Invariants, watchInvariants } from "../support/heal/invariants.ts";
import { type Process, runTogether } from "../support/heal/processes.ts";
import { OPTIONS } from "../support/heal/scene.ts";

/** How many stories are told: more on a build server, and many more in the night. */
const RUNS = Number(process.env.FAULT_RUNS ?? 200);

/** After so long, what one restart has shown holds no other back any more. */
const A_DAY: Millis = 25 * HOUR;

describe("whatever goes wrong on the way", () => {
  it(
    "nothing is done that must not be done, and what can be cured is cured in the end",
    async () => {
      await fc.assert(
        fc.asyncProperty(anyCast, anyShifts, async (cast, shifts) => {
          const cluster = simulateCluster({ now: NOW });
          const gateways = cast.map(({ spec, needsAfter }) => ({
            ...cluster.addGateway(spec),
            needsFrom: needsAfter === null ? null : NOW + needsAfter,
            refusedAgain: spec.afterRestart?.refused ?? false,
          }));
          const watched = watchInvariants(cluster, gateways, POLICY.cooldown);
          for (const shift of shifts) await work(cluster, watched, shift);
          expect(watched.broken).toEqual([]);

          const waits = [HOUR, HOUR, HOUR, ...(cast.every(isGood) ? [] : [A_DAY, HOUR, HOUR, A_DAY, HOUR])];
          for (const after of waits)
            await work(cluster, watched, { after: after + MINUTE, guards: [FAULTLESS], picks: [0] });
          expect(watched.broken).toEqual([]);
          const left = gateways.filter((gateway, index) => cast[index]?.curable && watched.hasFirstPods(gateway));
          expect(left.map(gatewayId)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    },
    Math.max(30_000, RUNS * 100),
  );
});

const FAULTLESS = { faults: [], stopsAfter: null };

const isGood = ({ curable, needsAfter }: Cast): boolean => curable || needsAfter === null;

async function work(cluster: SimulatedCluster, watched: Invariants, { after, guards, picks }: Shift): Promise<void> {
  cluster.clock.advance(after);
  await runTogether(
    cluster.clock,
    picks,
    guards.map(
      ({ faults, stopsAfter }) =>
        (process) =>
          guard(cluster, watched, process, faults, stopsAfter),
    ),
  );
}

async function guard(
  { clock }: SimulatedCluster,
  watched: Invariants,
  process: Process,
  faults: readonly Fault[],
  stopsAfter: Millis | null,
): Promise<void> {
  const through = faultyCluster(watched.cluster, clock, process, faults);
  try {
    await remediate(through, {
      ...OPTIONS,
      restarter: through.restarter,
      sleep: process.sleep,
      stopAt: stopsAfter === null ? null : clock.now() + stopsAfter,
      onLook: watched.report,
    });
  } catch (error) {
    // The API server could not be asked at all: the next run goes on.
    if (!(error instanceof GuardError)) throw error;
  }
}
