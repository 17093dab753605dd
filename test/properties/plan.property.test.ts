import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planCluster } from "../../src/decide/plan.ts";
import type { Plan } from "../../src/model/decision.ts";
import type { GatewayObservation } from "../../src/model/observation.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, isoSeconds, SECOND } from "../../src/model/time.ts";
import { gatewayId, type WorkloadKind } from "../../src/model/workload.ts";
import {
  cluster,
  discoveryOn,
  gateway,
  NOW,
  pendingPod,
  pod,
  projected,
  quietLog,
  refusedLog,
  settings,
} from "../support/gateways.ts";

const FAILURE = unread({ code: "Timeout", what: "list pods", message: "No answer in time." });

const anyPod = fc
  .record({
    age: fc.integer({ min: -300, max: 400 * 86_400 }).map((seconds) => seconds * SECOND),
    log: fc.constantFrom(quietLog(), refusedLog(), quietLog({ capped: true }), FAILURE),
    image: fc.constantFrom(
      "apache/apisix:3.9.1",
      "apache/apisix:3.16.0",
      "apache/apisix@sha256:ab",
      "api7/api7-ee-3-gateway:3.2.1",
    ),
    token: fc.constantFrom(
      projected(3_607),
      projected(3_600),
      { kind: "static" as const },
      { kind: "unknown" as const, why: "No volume holds it." },
    ),
    revision: fc.constantFrom("a", "b"),
  })
  .chain((over) => fc.constantFrom(pod(over), pod(over), pod(over), pendingPod(over)));

const anyGateway = (name: string): fc.Arbitrary<GatewayObservation> =>
  fc
    .record({
      kind: fc.constantFrom<WorkloadKind>("Deployment", "DaemonSet", "StatefulSet"),
      pods: fc.oneof(
        { weight: 9, arbitrary: fc.array(anyPod, { maxLength: 3 }).map(read) },
        { weight: 1, arbitrary: fc.constant(FAILURE) },
      ),
      figures: fc.record(
        {
          desired: fc.nat({ max: 3 }),
          available: fc.nat({ max: 3 }),
          updated: fc.nat({ max: 3 }),
          maxUnavailable: fc.nat({ max: 1 }),
          generation: fc.constantFrom(1, 1, 1, 2),
          paused: fc.boolean(),
          strategy: fc.constantFrom("RollingUpdate" as const, "Recreate" as const, "OnDelete" as const),
        },
        { requiredKeys: [] },
      ),
      optedOut: fc.constantFrom(false, false, false, true),
      restart: fc.option(
        fc.record({
          ago: fc.constantFrom(10 * SECOND, 2 * HOUR, 13 * HOUR, 30 * DAY),
          result: fc.constantFrom(null, "cured" as const, "refused" as const, "failed" as const),
        }),
      ),
      config: fc.constantFrom(discoveryOn(), discoveryOn({ discovery: { state: "off" } }), null),
      mayDiscover: fc.constantFrom(
        null,
        read("allowed" as const),
        read("allowed" as const),
        read("denied" as const),
        FAILURE,
      ),
    })
    .map(({ kind, pods, figures, optedOut, restart, config, mayDiscover }) =>
      gateway({
        pods,
        figures: figures as Partial<GatewayObservation["workload"]["figures"]>,
        config,
        mayDiscover,
        template: { restartedAt: restart === null ? null : isoSeconds(NOW - restart.ago) },
        workload: {
          kind,
          name,
          optedOut,
          lastRestart:
            restart === null
              ? { state: "none" }
              : {
                  state: "known",
                  at: NOW - restart.ago,
                  reason: "TokenRefused",
                  result: restart.result,
                  lifetime: null,
                },
        },
      }),
    );

const anyGateways = fc
  .integer({ min: 0, max: 4 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyGateway(`gateway-${index}`))));

const WINDOW = { days: ["wed" as const], from: "11:00", to: "13:00", timeZone: "UTC" };
const anySettings = fc
  .record({
    mode: fc.constantFrom("remediate" as const, "remediate" as const, "check" as const),
    windows: fc.constantFrom([], [WINDOW], [{ ...WINDOW, days: ["sat" as const] }]),
    tokenLifetime: fc.constantFrom(null, DAY, 30 * DAY),
  })
  .map(({ mode, windows, tokenLifetime }) => settings({ windows }, { mode, tokenLifetime }));

const restarting = (plan: Plan): string[] => plan.restarts.map(gatewayId);

describe("a plan, whatever was observed", () => {
  it("holds every gateway exactly once", () => {
    fc.assert(
      fc.property(anyGateways, anySettings, (gateways, rest) => {
        const plan = planCluster(cluster(gateways), rest);
        const names = plan.decisions.map(({ gateway }) => gatewayId(gateway));
        expect(names.sort()).toEqual(gateways.map(({ workload }) => gatewayId(workload)).sort());
      }),
    );
  });

  it("never restarts more than one gateway, none while another is in flight, and none that is blocked or not understood", () => {
    fc.assert(
      fc.property(anyGateways, anySettings, (gateways, rest) => {
        const plan = planCluster(cluster(gateways), rest);
        expect(plan.restarts.length).toBeLessThanOrEqual(1);
        for (const ref of plan.restarts) {
          const decision = plan.decisions.find(({ gateway }) => gatewayId(gateway) === gatewayId(ref));
          expect(["rejected", "expiring", "due"]).toContain(decision?.verdict);
          expect(decision?.blockers.filter(({ waived }) => !waived)).toEqual([]);
          const inFlight = gateways.filter(
            ({ workload: { lastRestart: last } }) =>
              last.state === "known" && last.result === null && NOW - last.at < DAY,
          );
          expect(inFlight.filter(({ workload }) => gatewayId(workload) !== gatewayId(ref))).toEqual([]);
        }
      }),
    );
  });

  it("does not depend on the order in which gateways were seen", () => {
    fc.assert(
      fc.property(anyGateways, anySettings, (gateways, rest) => {
        const forward = planCluster(cluster(gateways), rest);
        const backward = planCluster(cluster([...gateways].reverse()), rest);
        expect(backward).toEqual(forward);
      }),
    );
  });

  it("never restarts in mode check, and never a gateway whose pods could not be read", () => {
    fc.assert(
      fc.property(anyGateways, anySettings, (gateways, rest) => {
        expect(planCluster(cluster(gateways), { ...rest, mode: "check" }).restarts).toEqual([]);
        const blind = gateways.map((one) => ({ ...one, pods: FAILURE }));
        expect(planCluster(cluster(blind), rest).restarts).toEqual([]);
      }),
    );
  });

  it("keeps a token due once it is due, until it is restarted", () => {
    const ages = fc.integer({ min: 1, max: 89 * 24 }).map((hours) => hours * HOUR);
    fc.assert(
      fc.property(
        ages,
        fc.integer({ min: 1, max: 90 * 24 }),
        fc.constantFrom(null, DAY, 30 * DAY),
        (age, later, tokenLifetime) => {
          const observation = cluster([gateway({ pods: [pod({ age })] })]);
          const rest = settings({}, { tokenLifetime });
          const [now] = planCluster(observation, rest, NOW).decisions;
          const [then] = planCluster(observation, rest, NOW + later * HOUR).decisions;
          if (now?.action === "restart") expect(then?.action).toBe("restart");
        },
      ),
    );
  });

  it("restarts nothing again once the restart has given it a new token", () => {
    fc.assert(
      fc.property(anyGateways, anySettings, (gateways, rest) => {
        const plan = planCluster(cluster(gateways), rest);
        const restarted = gateways.map((one) =>
          restarting(plan).includes(gatewayId(one.workload)) ? renewed(one) : one,
        );
        const again = planCluster(cluster(restarted), rest);
        for (const name of restarting(plan)) expect(restarting(again)).not.toContain(name);
      }),
    );
  });
});

/** The gateway after a rollout that gave every pod a new container, some minutes ago. */
function renewed({ workload, pods, ...rest }: GatewayObservation): GatewayObservation {
  const at = NOW - 600 * SECOND;
  return {
    ...rest,
    workload: {
      ...workload,
      lastRestart: { state: "known", at, reason: "RestartIntervalReached", result: "renewed", lifetime: null },
    },
    pods: pods.ok ? read(pods.value.map(({ name }) => pod({ name, age: 590 * SECOND }))) : pods,
  };
}
