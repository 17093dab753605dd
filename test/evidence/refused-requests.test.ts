import { describe, expect, it } from "vitest";
import { refusalCounter } from "../../src/evidence/refused-requests.ts";

type Refusal = Parameters<ReturnType<typeof refusalCounter>["add"]>[0];

const refusal = (auditId: string, receivedAt: number, over: Partial<Refusal> = {}): Refusal => ({
  kind: "refused",
  auditId,
  receivedAt,
  resource: "endpoints",
  subsystem: "http",
  ...over,
});

function counted(refusals: Iterable<Refusal>) {
  const counter = refusalCounter();
  for (const one of refusals) counter.add(one);
  return counter.all();
}

describe("refused requests", () => {
  it("are counted by what was asked for and by whom, with the newest", () => {
    const slices = { resource: "endpointslices" } as const;
    const stream = { subsystem: "stream" } as const;
    expect(
      counted([refusal("1", 40), refusal("2", 80), refusal("3", 0), refusal("4", 7, slices), refusal("5", 9, stream)]),
    ).toEqual([
      { resource: "endpoints", subsystem: "http", requests: 3, lastAt: 80 },
      { resource: "endpointslices", subsystem: "http", requests: 1, lastAt: 7 },
      { resource: "endpoints", subsystem: "stream", requests: 1, lastAt: 9 },
    ]);
  });

  it("count once however often an event is delivered", () => {
    expect(counted([refusal("1", 40), refusal("2", 80), refusal("1", 40)])).toMatchObject([{ requests: 2 }]);
  });

  it("are counted in bounded memory, and a repetition long after counts again", () => {
    function* flood() {
      yield refusal("first", 0);
      for (let n = 0; n < 10_000; n++) yield refusal(`${n}`, n);
      yield refusal("9999", 9_999);
      yield refusal("first", 0);
    }
    expect(counted(flood())).toMatchObject([{ requests: 10_002 }]);
  });
});
