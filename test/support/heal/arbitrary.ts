import fc from "fast-check";
import type { ReadFailureCode } from "../../../src/model/read.ts";
import { DAY, HOUR, MINUTE, type Millis, SECOND } from "../../../src/model/time.ts";
import { WORKLOAD_KINDS } from "../../../src/model/workload.ts";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";
import type { Fault, Mishap, Touch } from "./faults.ts";

/** A gateway and what must become of it in the end. */
export interface Cast {
  readonly spec: GatewaySpec;
  /** From when on it needs a restart, counted from the beginning; null: never. */
  readonly needsAfter: Millis | null;
  /** The same of a reload, which some of what holds a restart back does not concern. */
  readonly needsReloadAfter: Millis | null;
  /** Restarting it does good. */
  readonly curable: boolean;
}

const seconds = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * SECOND);

interface Story {
  readonly spec: GatewaySpec;
  readonly needsAfter: Millis | null;
}

/** A product whose refusals do not tell how long tokens live: what one story shows must not call for restarts in another. */
const TEACHES_NOTHING = "api7/api7-ee-3-gateway:3.10.5";

const STORIES: readonly fc.Arbitrary<Story>[] = [
  fc.constant({ spec: { createdAgo: 10 * DAY }, needsAfter: null }),
  fc.constant({ spec: { createdAgo: 61 * DAY }, needsAfter: 0 }),
  fc.constant({ spec: { createdAgo: 61 * DAY }, needsAfter: 0 }),
  fc.constant({ spec: { createdAgo: 85 * DAY, logFileAge: 20 * SECOND }, needsAfter: 0 }),
  fc.constant({ spec: { createdAgo: 91 * DAY, refusedFor: HOUR }, needsAfter: 0 }),
  // Refused from a moment of the story on.
  fc.integer({ min: -10, max: 300 }).map((after) => ({
    spec: { createdAgo: 20 * DAY, refusedFor: -after * SECOND, image: TEACHES_NOTHING },
    needsAfter: after * SECOND + 30 * SECOND,
  })),
  // Too loud to be judged, too young to be due.
  fc.constant({ spec: { createdAgo: 20 * DAY, logFileAge: 20 * SECOND }, needsAfter: null }),
  // Refused so young that its age cannot be the cause; half a day old, nobody can tell it from any other.
  fc.constant({ spec: { createdAgo: 2 * HOUR, refusedFor: HOUR, image: TEACHES_NOTHING }, needsAfter: 10 * HOUR }),
  fc.constant({ spec: { createdAgo: 100 * DAY, image: "apache/apisix:3.16.0-debian" }, needsAfter: null }),
];

const shape: fc.Arbitrary<GatewaySpec> = fc.oneof(
  fc
    .record({
      kind: fc.constant("Deployment" as const),
      replicas: fc.integer({ min: 1, max: 3 }),
      rolling: fc.constantFrom({}, { maxSurge: 0, maxUnavailable: 1 }, { maxSurge: 1, maxUnavailable: "50%" }),
    })
    .map(({ rolling, ...rest }) => ({ ...rest, ...rolling })),
  fc.record({
    kind: fc.constantFrom(...WORKLOAD_KINDS),
    replicas: fc.integer({ min: 1, max: 3 }),
  }),
);

const swift = fc.record({ startsAfter: seconds(0, 10), readyAfter: seconds(0, 20), goneAfter: seconds(0, 15) });

/** What a restart leads to, and whether it does good. */
const sequel = fc.oneof(
  { weight: 12, arbitrary: swift.map((afterRestart) => ({ spec: { afterRestart }, good: true })) },
  {
    weight: 1,
    arbitrary: swift.map((rest) => ({ spec: { afterRestart: { ...rest, readyAfter: null } }, good: false })),
  },
  { weight: 1, arbitrary: swift.map((rest) => ({ spec: { afterRestart: { ...rest, refused: true } }, good: false })) },
);

const hold: fc.Arbitrary<{ spec: GatewaySpec; held: boolean; heldFromReload?: boolean }> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ spec: {}, held: false }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<readonly [spec: GatewaySpec, heldFromReload: boolean]>(
        [{ mayDiscover: false }, true],
        [{ annotations: { "apisix-token-guard/skip": "true" } }, true],
        [{ configChangedAgo: HOUR }, false],
      )
      .map(([spec, heldFromReload]) => ({ spec, held: true, heldFromReload })),
  },
);

const gateway = (name: string): fc.Arbitrary<Cast> =>
  fc.record({ story: fc.oneof(...STORIES), shape, sequel, hold }).map(({ story, shape, sequel, hold }) => ({
    spec: { name, ...story.spec, ...shape, ...sequel.spec, ...hold.spec },
    needsAfter: hold.held ? null : story.needsAfter,
    needsReloadAfter: hold.heldFromReload ? null : story.needsAfter,
    curable: story.needsAfter !== null && story.needsAfter < HOUR && sequel.good && !hold.held,
  }));

export const anyCast: fc.Arbitrary<readonly Cast[]> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(...["a", "b", "c"].slice(0, count).map(gateway)));

const anyCode = fc.constantFrom<ReadFailureCode>(
  "Forbidden",
  "Unauthorized",
  "NotFound",
  "Conflict",
  "Throttled",
  "Expired",
  "Refused",
  "ServerError",
  "Unreachable",
  "UntrustedCertificate",
  "Timeout",
  "InvalidAnswer",
  "TooLarge",
);

const anyMishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({ what: fc.constant("fails" as const), code: anyCode }),
  fc.record({
    what: fc.constant("lost" as const),
    code: fc.constantFrom<ReadFailureCode>("Timeout", "Unreachable", "ServerError", "InvalidAnswer"),
  }),
  fc.record({ what: fc.constantFrom("late" as const, "stale" as const, "overtaken" as const), by: seconds(1, 120) }),
  fc.record({ what: fc.constant("garbled" as const), how: fc.nat(100) }),
  fc.record({
    what: fc.constant("touched" as const),
    gateway: fc.nat(2),
    how: fc.constantFrom<Touch>("label", "skip", "note"),
  }),
  fc.record({
    what: fc.constantFrom("hangs" as const, "twice" as const, "dies before" as const, "dies after" as const),
  }),
);

/** Most of what matters happens around the few requests that change something. */
const anyPlace: fc.Arbitrary<Pick<Fault, "on" | "nth">> = fc.oneof(
  fc.record({ on: fc.constant("any" as const), nth: fc.nat(80) }),
  fc.record({ on: fc.constant("patch" as const), nth: fc.nat(4) }),
  fc.record({ on: fc.constant("createEvent" as const), nth: fc.nat(2) }),
  fc.record({ on: fc.constant("run" as const), nth: fc.nat(20) }),
  fc.record({
    on: fc.constantFrom(
      "server" as const,
      "deployments" as const,
      "daemonSets" as const,
      "statefulSets" as const,
      "workload" as const,
      "pods" as const,
      "replicaSets" as const,
      "controllerRevisions" as const,
      "configMap" as const,
      "read" as const,
      "mayList" as const,
      "follow" as const,
    ),
    nth: fc.nat(12),
  }),
);

const anyFaults: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.record({ place: anyPlace, mishap: anyMishap }).map(({ place, mishap }) => ({ ...place, mishap })),
  { maxLength: 6 },
);

/** Guards that run at the same time. */
export interface Shift {
  /** How long nobody looks before. */
  readonly after: Millis;
  readonly guards: readonly { readonly faults: readonly Fault[]; readonly stopsAfter: Millis | null }[];
  readonly picks: readonly number[];
}

const guard = fc.record({
  faults: anyFaults,
  stopsAfter: fc.option(fc.integer({ min: 1, max: 14 }).map((minutes) => minutes * MINUTE)),
});

export const anyShifts: fc.Arbitrary<readonly Shift[]> = fc.array(
  fc.record({
    after: seconds(0, 2 * 3_600),
    guards: fc.array(guard, { minLength: 1, maxLength: 2 }),
    picks: fc.array(fc.nat(7), { minLength: 1, maxLength: 20 }),
  }),
  { minLength: 1, maxLength: 3 },
);
