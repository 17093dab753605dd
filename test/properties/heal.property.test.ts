import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterResult } from "../../src/model/decision.ts";
import { GuardError } from "../../src/model/errors.ts";
import { HOUR, MINUTE, type Millis } from "../../src/model/time.ts";
import { gatewayId } from "../../src/model/workload.ts";
import type { Cluster } from "../../src/ports.ts";
import { remediate } from "../../src/remediate.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import { NOW, POLICY, settings } from "../support/gateways.ts";
import { anyCast, anyShifts, type Cast, type Shift } from "../support/heal/arbitrary.ts";
import { faultyCluster } from "../support/heal/faults.ts";
import { type Invariants, touch, type Watched, watchInvariants } from "../support/heal/invariants.ts";
import { type Process, runTogether } from "../support/heal/processes.ts";
import { OPTIONS } from "../support/heal/scene.ts";

/** How many stories are told: more on a build server, and many more in the night. */
const RUNS = Number(process.env.FAULT_RUNS ?? (process.env.CI ? 500 : 100));

/** After so long, what one restart has shown holds no other back any more. */
const A_DAY: Millis = 25 * HOUR;

interface World {
  readonly cluster: SimulatedCluster;
  readonly gateways: readonly Watched[];
  readonly watched: Invariants;
  /** Tokens are read again in the pods, where that is a cure. */
  readonly reloads: boolean;
}

const RELOADS = { settings: settings({ cure: "reload" }), evidence: { ...OPTIONS.evidence, probe: true } };

/**
 * Every sick gateway holds the others back for a day, and one that was taken for well is restarted a second time before it is known
 * to be beyond help.
 */
const DAYS_OF_THE_SICK: readonly Millis[] = [A_DAY, HOUR, HOUR, A_DAY, HOUR, A_DAY, HOUR];

describe("whatever goes wrong on the way", () => {
  it(
    "nothing is done that must not be done, and what can be cured is cured in the end",
    async () => {
      const property = fc.asyncProperty(anyCast, anyShifts, fc.boolean(), async (cast, shifts, reloads) => {
        const world = worldOf(cast, reloads);
        const { watched, gateways } = world;
        for (const shift of shifts) await work(world, shift);
        expect(watched.broken).toEqual([]);

        const left = () => gateways.filter((gateway, index) => cast[index]?.curable && watched.isLeftBehind(gateway));
        for (const after of [HOUR, HOUR, HOUR, ...(cast.every(isGood) ? [] : DAYS_OF_THE_SICK)]) {
          await work(world, { after: after + MINUTE, guards: [{ faults: [], stopsAfter: null }], picks: [0] });
          if (left().length === 0) break;
        }
        expect(watched.broken).toEqual([]);
        expect(left().map(gatewayId)).toEqual([]);
      });
      await fc.assert(property, { numRuns: RUNS });
    },
    Math.max(60_000, RUNS * 400),
  );
});

function worldOf(cast: readonly Cast[], reloads: boolean): World {
  const cluster = simulateCluster({ now: NOW });
  const gateways = cast.map(({ spec, needsAfter, needsReloadAfter }) => ({
    ...cluster.addGateway(spec),
    needsFrom: needsAfter === null ? null : NOW + needsAfter,
    needsReloadFrom: needsReloadAfter === null ? null : NOW + needsReloadAfter,
    refusedAgain: spec.afterRestart?.refused ?? false,
  }));
  return { cluster, gateways, reloads, watched: watchInvariants(cluster, gateways, POLICY.cooldown) };
}

const isGood = ({ curable, needsAfter }: Cast): boolean => curable || needsAfter === null;

async function work(world: World, { after, guards, picks }: Shift): Promise<void> {
  const { clock } = world.cluster;
  clock.advance(after);
  await runTogether(
    clock,
    picks,
    guards.map((guard) => async (process) => {
      const { cluster, verify } = world.watched.forOneRun();
      try {
        verify(await heal(world, cluster, process, guard));
      } catch (error) {
        // The API server could not be asked at all: the next run goes on.
        if (!(error instanceof GuardError)) throw error;
      }
    }),
  );
}

function heal(
  { cluster: { clock }, cluster: simulated, gateways, watched, reloads }: World,
  cluster: Cluster,
  process: Process,
  { faults, stopsAfter }: Shift["guards"][number],
): Promise<ClusterResult> {
  const write = (index: number, how: Parameters<typeof touch>[2]) => {
    const gateway = gateways[index % gateways.length];
    if (gateway !== undefined) touch(simulated, gateway, how);
  };
  const through = faultyCluster(cluster, { clock, process, touch: write }, faults);
  return remediate(through, {
    ...OPTIONS,
    ...(reloads && RELOADS),
    restarter: through.restarter,
    sleep: process.sleep,
    now: clock.now,
    stopAt: stopsAfter === null ? null : clock.now() + stopsAfter,
    onLook: watched.report,
  });
}
