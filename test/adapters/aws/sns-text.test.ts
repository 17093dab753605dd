import * as fc from "fast-check";
import { expect, it } from "vitest";
import { snsMessage, snsSubject } from "../../../src/adapters/aws/sns-text.ts";

it.each([
  ["prod: 1 gateway is refused", "prod: 1 gateway is refused"],
  ["prod – refused\n", "prod - refused"],
  ["a\tb\r\nc", "a b c"],
  ["Größe 🙂", "Gr??e ?"],
  ["bell\u0007", "bell?"],
  ["s".repeat(100), "s".repeat(100)],
  ["s".repeat(101), `${"s".repeat(97)}...`],
])("subject %j becomes %j", (text, subject) => {
  expect(snsSubject(text)).toBe(subject);
});

/** Characters of every length in UTF-8, and what a subject may not hold. */
const unit = fc.constantFrom("a", " ", "\n", "\u0007", "\u00a0", "é", "–", "🙂");

it("every subject is one that SNS takes", () => {
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 150 }), (text) => {
      expect(snsSubject(text)).toMatch(/^([!-~]([ -~]{0,98}[!-~])?)?$/);
    }),
  );
});

const LIMIT = 200;

it("a message that fits is left as it is, one byte more is cut", () => {
  expect(snsMessage("é".repeat(LIMIT / 2), LIMIT)).toBe("é".repeat(LIMIT / 2));
  expect(snsMessage(`${"é".repeat(LIMIT / 2)}.`, LIMIT)).toMatch(/^é+\n\n\[cut here: .*\]\n$/);
});

it("a cut message fits, is marked, and is cut between characters as late as can be", () => {
  const long = fc.string({ unit, minLength: LIMIT + 1, maxLength: 2 * LIMIT });
  fc.assert(
    fc.property(long, (text) => {
      const message = snsMessage(text, LIMIT);
      const [kept = ""] = message.split("\n\n[cut here");
      expect(text.startsWith(kept)).toBe(true);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(LIMIT);
      expect(Buffer.byteLength(message)).toBeGreaterThan(LIMIT - 4);
    }),
  );
});
