import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freePorts } from "../../support/control-plane/boot/ports.ts";
import { startControlPlane } from "../../support/control-plane/start.ts";
import { describeCluster } from "../../support/control-plane/suite.ts";

/** The only way to lose the race for a port on demand: to be told one that is taken. */
vi.mock(import("../../support/control-plane/boot/ports.ts"), async (original) => {
  const ports = await original();
  return { ...ports, freePorts: vi.fn(ports.freePorts) };
});

describeCluster("a port that somebody takes just before it is used", ({ binaries }) => {
  let somebody: Server;
  let taken: number;

  beforeAll(async () => {
    taken = (await freePorts()).etcd;
    somebody = createServer();
    await new Promise<void>((resolve) => somebody.listen(taken, "127.0.0.1", resolve));
  });
  afterAll(() => somebody.close());

  test("costs another attempt, no more", async () => {
    const ports = await freePorts();
    vi.mocked(freePorts)
      .mockClear()
      .mockResolvedValueOnce({ ...ports, etcd: taken });
    await using cluster = await startControlPlane({ binaries, nodes: 1 });
    expect(vi.mocked(freePorts)).toHaveBeenCalledTimes(2);
    expect((await cluster.request("GET", "/readyz")).status).toBe(200);
  });
});
