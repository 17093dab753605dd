import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoSeconds } from "../../src/model/time.ts";
import { buildReport } from "../../src/report/build.ts";
import { reportSchema } from "../../src/report/schema.ts";
import { clusterResults } from "../support/arbitrary-results.ts";

describe("any result of looking at a cluster", () => {
  it("gives a report that its own schema accepts, also after a journey as JSON", () => {
    fc.assert(
      fc.property(clusterResults, (result) => {
        const report = buildReport(result);
        const travelled: unknown = JSON.parse(JSON.stringify(report));
        expect(travelled).toEqual(report);
        expect(reportSchema.parse(travelled)).toEqual(report);
      }),
    );
  });

  it("gives a report with every gateway of the plan exactly once, and none beside", () => {
    fc.assert(
      fc.property(clusterResults, (result) => {
        const planned = (result.plan?.decisions ?? []).map(({ gateway: { namespace, kind, name } }) => [
          namespace,
          kind,
          name,
        ]);
        expect(buildReport(result).gateways.map(({ namespace, kind, name }) => [namespace, kind, name])).toEqual(
          planned,
        );
      }),
    );
  });

  it("never says that a token lives longer than it does", () => {
    fc.assert(
      fc.property(clusterResults, (result) => {
        buildReport(result).gateways.forEach(({ token }, index) => {
          const known = result.plan?.decisions[index]?.token;
          expect((token?.lifetimeSeconds ?? 0) * 1_000).toBeLessThanOrEqual(known?.lifetime?.millis ?? 0);
          if (known?.expiresAt != null) expect(token?.expiresAt?.earliest).toBe(isoSeconds(known.expiresAt.earliest));
        });
      }),
    );
  });
});
