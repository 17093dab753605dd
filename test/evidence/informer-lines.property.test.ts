import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInformerScanner } from "../../src/evidence/informer-lines.ts";
import { accessLog, framed, refusal } from "./log-text.ts";

function scan(chunks: readonly Uint8Array[]) {
  const scanner = createInformerScanner();
  for (const chunk of chunks) scanner.push(chunk);
  return scanner.finish();
}

/** Cuts the bytes at these places, which may coincide or lie outside. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const second = fc.integer({ min: 0, max: 59 });
const timestamp = second.map((s) => `2026-11-23T08:17:${String(s).padStart(2, "0")}.827315000Z`);
const cuts = fc.array(fc.nat({ max: 100_000 }), { maxLength: 12 });

/** A line of a log and how many records are in it. */
const line = fc.oneof(
  { weight: 3, arbitrary: timestamp.map((at) => ({ text: framed(refusal, at), records: 1 })) },
  { weight: 2, arbitrary: timestamp.map((at) => ({ text: framed(", context: ngx.timer", at), records: 0 })) },
  {
    weight: 2,
    arbitrary: timestamp.map((at) => ({ text: framed(accessLog({ userAgent: refusal }), at), records: 0 })),
  },
  {
    weight: 2,
    arbitrary: fc.nat({ max: 20_000 }).map((length) => ({ text: framed("x#".repeat(length / 2)), records: 0 })),
  },
  { weight: 1, arbitrary: fc.string().map((text) => ({ text: framed(text.replaceAll("\n", "")), records: 0 })) },
);

/** Text that clients can choose, with pieces of records in it. */
const clientText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        refusal,
        framed(refusal).trimEnd(),
        refusal.slice(0, refusal.indexOf("{")),
        "\\x0A",
        '"',
        "{",
        "#",
        "[lua] ",
      ),
      fc.string({ unit: "binary-ascii", maxLength: 20 }),
    ),
    { maxLength: 8 },
  )
  // No protocol lets a line break into a field, and nginx would write it as \x0A.
  .map((pieces) => pieces.join("").replaceAll(/[\r\n]/g, ""));

describe("the informer scanner", () => {
  it("gives the same result however the bytes are cut into chunks", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), cuts, fc.boolean(), (lines, places, unfinished) => {
        const text = lines.map(({ text }) => text).join("");
        const bytes = Buffer.from(unfinished ? text.slice(0, -1) : text, "latin1");
        const whole = scan([bytes]);
        expect(scan(cut(bytes, places))).toEqual(whole);
        expect(whole.lines).toHaveLength(lines.reduce((sum, { records }) => sum + records, 0));
      }),
    );
  });

  it("gives the same result byte by byte", () => {
    const bytes = Buffer.from([framed(accessLog()), framed(refusal), framed(""), framed(refusal)].join(""));
    expect(scan([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(scan([bytes]));
  });

  it("never throws on random bytes and never sees a refusal in them", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 8 }), (chunks) => {
        expect(scan(chunks).lines).toEqual([]);
      }),
    );
  });

  it("never counts what a client wrote into an access-log line, wherever a runtime cuts that line", () => {
    fc.assert(
      fc.property(clientText, clientText, clientText, fc.nat({ max: 5_000 }), (path, referer, userAgent, place) => {
        const text = accessLog({ path, referer, userAgent });
        const at = place % (text.length + 1);
        const halves = framed(text.slice(0, at)) + framed(text.slice(at));
        const { lines } = scan([Buffer.from(framed(text) + halves, "latin1")]);
        expect(lines.filter(({ failure }) => failure === "unauthorized")).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
