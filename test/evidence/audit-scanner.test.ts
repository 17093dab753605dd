import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAuditScanner } from "../../src/evidence/audit-scanner.ts";
import { DAY, HOUR, SECOND } from "../../src/model/time.ts";
import { HTTP, line, log, otherEvent, POD_UID, refusedEvent, staleEvent } from "./audit-text.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");
const USE = { issuedAt: NOON - 61 * DAY, usedAt: NOON };
const TOKEN = { issuedAt: USE.issuedAt, usedAt: NOON };

function scan(...files: readonly (readonly (string | Uint8Array)[])[]) {
  const scanner = createAuditScanner();
  for (const chunks of files) {
    for (const chunk of chunks) scanner.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    scanner.endFile();
  }
  const { tokens, ...rest } = scanner.finish();
  return { tokens: Object.fromEntries(tokens), ...rest };
}

describe("an audit log", () => {
  it("is searched for tokens and refusals among everything else", () => {
    const text = log(
      otherEvent(NOON - HOUR),
      staleEvent(USE),
      refusedEvent(NOON + 40 * SECOND),
      { stray: HTTP },
      otherEvent(NOON + HOUR),
    );
    expect(scan([text])).toEqual({
      tokens: { [POD_UID]: [TOKEN] },
      refused: [{ resource: "endpoints", subsystem: "http", requests: 1, lastAt: NOON + 40 * SECOND }],
      oldestAt: NOON - HOUR,
      newestAt: NOON + HOUR,
      bytes: Buffer.byteLength(text),
    });
  });

  it("counts an event with several stages once", () => {
    const stages = ["RequestReceived", "ResponseStarted", "ResponseComplete"].map((stage) =>
      staleEvent(USE, { stage }),
    );
    expect(scan([log(...stages)]).tokens).toEqual({ [POD_UID]: [TOKEN] });
  });

  it.each([
    ["one that is cut", line(staleEvent(USE)).slice(0, -30)],
    ["garbage", `\u0000\xff${HTTP} stale-token 401`],
    ["one that is too long", line(staleEvent({ ...USE, podUid: "long" }, { requestObject: "x".repeat(1024 * 1024) }))],
    ["none at all", ""],
  ])("goes on behind a bad line: %s", (_case, bad) => {
    expect(scan([`${bad}\n${log(staleEvent(USE))}`]).tokens).toEqual({ [POD_UID]: [TOKEN] });
    expect(scan([`${log(staleEvent(USE))}${bad}`]).tokens).toEqual({ [POD_UID]: [TOKEN] });
  });

  it("goes on behind a line that is too long, wherever in a piece it begins", () => {
    const long = staleEvent({ ...USE, podUid: "long" }, { requestObject: "x".repeat(1024 * 1024) });
    expect(scan([log(otherEvent(NOON), long, staleEvent(USE))]).tokens).toEqual({ [POD_UID]: [TOKEN] });
  });

  it("with a line that never ends takes no memory for it", () => {
    const piece = new Uint8Array(1024 * 1024).fill(120);
    const scanner = createAuditScanner();
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 64; n++) scanner.push(piece);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    scanner.push(Buffer.from(`\n${log(staleEvent(USE))}`));
    expect(Object.keys(Object.fromEntries(scanner.finish().tokens))).toEqual([POD_UID]);
  });

  it("may end without a newline, also where another file follows", () => {
    const [first, second] = [USE, { ...USE, podUid: "second" }].map((use) => line(staleEvent(use)));
    expect(Object.keys(scan([first ?? ""], [second ?? ""]).tokens)).toEqual([POD_UID, "second"]);
  });

  it("shows the time that it is about, across files in any order", () => {
    const day = (n: number) => log(otherEvent(NOON + n * DAY), otherEvent(NOON + n * DAY + HOUR));
    expect(scan([day(3)], [day(1)], [day(2)])).toMatchObject({ oldestAt: NOON + DAY, newestAt: NOON + 3 * DAY + HOUR });
  });

  it("shows the time of the first and the last line of every piece", () => {
    const hour = (n: number) => otherEvent(NOON + n * HOUR);
    const inside = log(hour(1), hour(9), hour(-9), hour(2));
    expect(scan([inside])).toMatchObject({ oldestAt: NOON + HOUR, newestAt: NOON + 2 * HOUR });
    expect(scan([line(hour(1))])).toMatchObject({ oldestAt: NOON + HOUR, newestAt: NOON + HOUR });
    expect(scan([log(hour(3), hour(4)), log(hour(9), hour(5))])).toMatchObject({
      oldestAt: NOON + 3 * HOUR,
      newestAt: NOON + 5 * HOUR,
    });
  });

  it("shows the time of an informer's line inside a piece", () => {
    const text = log(otherEvent(NOON), staleEvent({ ...USE, usedAt: NOON + HOUR }), otherEvent(NOON));
    expect(scan([text])).toMatchObject({ oldestAt: NOON, newestAt: NOON + HOUR });
  });

  it("has events as soon as it shows a time", () => {
    const scanner = createAuditScanner();
    expect(scanner.hasEvents()).toBe(false);
    scanner.push(Buffer.from("text\n"));
    expect(scanner.hasEvents()).toBe(false);
    scanner.push(Buffer.from(log(otherEvent(NOON))));
    expect(scanner.hasEvents()).toBe(true);
  });

  it("may end in a line without a newline, also the last file", () => {
    const scanner = createAuditScanner();
    scanner.push(Buffer.from(line(staleEvent(USE))));
    expect([...scanner.finish().tokens.keys()]).toEqual([POD_UID]);
  });

  it.each(["", "\n\n\n", "text\nmore text\n", '{"requestReceivedTimestamp":"2026-11-23T12:00:00Z"}\n'])(
    "without an event is about no time: %j",
    (text) => {
      expect(scan([text])).toMatchObject({ tokens: {}, refused: [], oldestAt: null, newestAt: null });
    },
  );

  it("gives the same whatever pieces it comes in", () => {
    const some = fc.oneof(
      fc.nat({ max: 3 }).map((pod) => log(staleEvent({ ...USE, podUid: `pod-${pod}` }))),
      fc.nat({ max: 90 }).map((n) => log(refusedEvent(NOON + n * SECOND, { auditID: `id-${n}` }))),
      fc.nat({ max: 90 }).map((n) => log(otherEvent(NOON + n * SECOND))),
      fc.string({ unit: "binary-ascii", maxLength: 40 }).map((text) => `${text}\n`),
    );
    const cuts = fc.array(fc.nat({ max: 20_000 }), { maxLength: 10 });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), cuts, (lines, places) => {
        const bytes = Buffer.from(lines.join(""));
        const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        const { oldestAt, newestAt, ...pieced } = scan(pieces);
        const { oldestAt: from, newestAt: to, ...whole } = scan([bytes]);
        expect(pieced).toEqual(whole);
        // Pieces show more edges than the whole.
        if (from !== null) expect(oldestAt).toBeLessThanOrEqual(from);
        if (to !== null) expect(newestAt).toBeGreaterThanOrEqual(to);
      }),
    );
  });

  it("never throws on random bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 8 }), (chunks) => {
        expect(scan(chunks)).toMatchObject({ tokens: {}, refused: [], oldestAt: null });
      }),
    );
  });
});
