import { describe, expect, it } from "vitest";
import { createInformerScanner } from "../../src/evidence/informer-lines.ts";
import type { InformerFailure } from "../../src/model/log.ts";
import { HOUR, type Instant, MINUTE, SECOND } from "../../src/model/time.ts";
import type { LogRequest } from "../../src/ports.ts";
import { accessLog, type InformerRecord, informerFailures } from "../../src/simulate/apisix-log-lines.ts";
import { type SimulatedCluster, simulateCluster } from "../../src/simulate/cluster.ts";
import { recorded, repeated } from "../../src/simulate/container-log.ts";
import type { GatewaySpec } from "../../src/simulate/gateway-spec.ts";

const NOW = Date.UTC(2026, 5, 10, 12);

function withGateway(spec: GatewaySpec): { cluster: SimulatedCluster; request: LogRequest } {
  const cluster = simulateCluster({ now: NOW });
  const { namespace, pods } = cluster.addGateway({ replicas: 1, ...spec });
  const limits = { sinceSeconds: null, limitBytes: null, maxBytes: 1_000_000, maxTime: SECOND };
  return { cluster, request: { namespace, pod: pods[0] ?? "", container: "apisix", ...limits } };
}

async function readLog({ cluster, request }: ReturnType<typeof withGateway>, over: Partial<LogRequest> = {}) {
  const scanner = createInformerScanner();
  const chunks: Uint8Array[] = [];
  const answer = await cluster.logs.read({ ...request, ...over }, (chunk) => {
    chunks.push(chunk.slice());
    scanner.push(chunk);
  });
  return { answer, text: Buffer.concat(chunks).toString("utf8"), ...scanner.finish() };
}

describe("the log of a simulated gateway", () => {
  it("begins with the container's start and goes on with the clock", async () => {
    const gateway = withGateway({ createdAgo: 5 * MINUTE });
    const before = await readLog(gateway);
    expect(before.firstLineAt).toBe(NOW - 5 * MINUTE + SECOND);
    gateway.cluster.clock.advance(MINUTE);
    const after = await readLog(gateway);
    expect(after.text.startsWith(before.text)).toBe(true);
    expect(after.text.split("\n").length - before.text.split("\n").length).toBe(6);
  });

  it("holds refusals every 40 s from when they began, which the guard's own reader understands", async () => {
    const { lines } = await readLog(withGateway({ refusedFor: 2 * MINUTE + 5 * SECOND }), { sinceSeconds: 140 });
    expect(lines.map(({ at, failure }) => [(NOW - at) / SECOND, failure])).toEqual(
      [125, 85, 45, 5].map((age) => [age, "unauthorized"]),
    );
  });

  it.each<[InformerRecord, InformerFailure, "http" | "stream"]>([
    [{}, "unauthorized", "http"],
    [{ subsystem: "stream" }, "unauthorized", "stream"],
    [{ reason: "Forbidden" }, "forbidden", "http"],
    [{ reason: "Gone" }, "other", "http"],
    [{ reason: "ReadBodyError" }, "other", "http"],
  ])("can hold the informer's record %j", async (record, failure, subsystem) => {
    const log = [informerFailures(NOW - 30 * SECOND, { ...record, pid: 64 })];
    const { lines } = await readLog(withGateway({ log }), { sinceSeconds: 140 });
    expect(lines).toEqual([{ at: NOW - 30 * SECOND, failure, subsystem, pid: 64 }]);
  });

  it("is only what the current file holds when it has been rotated", async () => {
    const gateway = withGateway({ logFileAge: 20 * SECOND });
    expect((await readLog(gateway, { sinceSeconds: 140 })).firstLineAt).toBe(NOW - 20 * SECOND);
    expect((await readLog(gateway, { limitBytes: 64 })).firstLineAt).toBe(NOW - 20 * SECOND);
  });

  it("is only that of the current container", async () => {
    const { firstLineAt, lines } = await readLog(withGateway({ startedAgo: MINUTE, refusedFor: HOUR }));
    expect(firstLineAt).toBe(NOW - MINUTE + SECOND);
    expect(lines.map(({ at }) => (NOW - at) / SECOND)).toEqual([40, 0]);
  });

  it("gives several sources in the order of time", async () => {
    const at = (age: number): Instant => NOW - age * SECOND;
    const log = [
      recorded([
        { at: at(5), text: "five" },
        { at: at(25), text: "twenty-five" },
      ]),
      repeated(at(30), 10 * SECOND, (when) => `tick ${(NOW - when) / SECOND}`),
    ];
    const gateway = withGateway({});
    gateway.cluster.setLog(gateway.request, { sources: log, fileAge: null });
    const { text } = await readLog(gateway);
    expect(text.match(/(?<=Z ).*/g)).toEqual(["tick 30", "twenty-five", "tick 20", "tick 10", "five", "tick 0"]);
  });

  it("can be as long as nobody wants to read it", async () => {
    const gateway = withGateway({ log: [accessLog(NOW - HOUR, 1)] });
    const { answer, text } = await readLog(gateway, { maxBytes: 5_000 });
    expect(answer).toMatchObject({ ok: true, value: { bytes: 5_000, capped: true } });
    expect(text).toHaveLength(5_000);
  });

  it.each(["waiting", "pending"] as const)("is refused while the container is %s", async (state) => {
    const { answer } = await readLog(withGateway({ pods: [{ state }] }));
    expect(answer).toMatchObject({
      ok: false,
      failure: { code: "Refused", message: expect.stringContaining("waiting to start") },
    });
  });
});
