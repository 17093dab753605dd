import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { CHECK_STATES, CHECKS, type Check } from "../../src/model/checkup.ts";
import { buildCheckup, checkupExitCode } from "../../src/report/checkup-schema.ts";
import { renderCheckup } from "../../src/report/checkup-text.ts";

const AT = Date.parse("2026-06-10T12:00:00Z");

const check = (over: Partial<Check> = {}): Check => ({
  check: "Restart",
  subject: null,
  state: "ok",
  message: "A dry run is accepted.",
  ...over,
});

const reportOf = (checks: readonly Check[], cluster = "prod") =>
  buildCheckup([{ cluster, at: AT, gitVersion: "v1.36.3", checks }]);

const linesOf = (checks: readonly Check[], width = 80) =>
  renderCheckup(reportOf(checks), { width, color: false }).split("\n");

describe("the checklist as text", () => {
  it("has a sign and a label for every check and every state", () => {
    const signs = { ok: "✓", warning: "!", unknown: "?", wrong: "✗", skipped: "–" };
    for (const name of CHECKS) {
      for (const state of CHECK_STATES) {
        const [, line] = linesOf([check({ check: name, state, message: "So it is." })]);
        expect(line).toMatch(new RegExp(`^\\${signs[state]} \\S.* So it is\\.$`));
      }
    }
  });

  it("keeps the order of the list, whatever the order of the answers", () => {
    const lines = linesOf([check(), check({ check: "SignIn", message: "Accepted." })]);
    expect(lines.slice(1, 3).map((line) => line.split(/ {2,}/)[0])).toEqual(["✓ sign-in", "✓ restart"]);
  });

  it("says a finding once for all it is true of, and counts when there are many", () => {
    const many = Array.from({ length: 9 }, (_, index) => check({ subject: `edge/Deployment/g${index}` }));
    const wrong = check({ subject: "edge/Deployment/x", state: "wrong", message: "Refused." });
    const text = linesOf([...many, wrong], 100)
      .join(" ")
      .replace(/ +/g, " ");
    expect(text).toContain("edge/Deployment/g5 and 3 more: A dry run is accepted.");
    expect(text).not.toContain("g6");
    expect(text).toContain("✗ edge/Deployment/x: Refused.");
  });

  it.each([
    [["ok", "skipped"], "Everything is in order.", 0],
    [["ok", "warning"], "Everything is in order, 1 warning.", 0],
    [["unknown", "warning", "warning"], "1 thing could not be checked, 2 warnings.", 1],
    [["wrong", "unknown", "unknown"], "1 thing is wrong, 2 things could not be checked.", 2],
    [["wrong", "wrong"], "2 things are wrong.", 2],
  ] as const)("of %j ends with: %s", (states, sentence, exit) => {
    const checks = states.map((state, index) => check({ state, subject: `${index}` }));
    expect(linesOf(checks).at(-2)).toBe(sentence);
    expect(checkupExitCode(reportOf(checks))).toBe(exit);
  });

  it("fits the page and cannot act on the terminal", () => {
    const hostile = "\u001b[31m\u202ex\n".repeat(200);
    const text = renderCheckup(reportOf([check({ subject: hostile, message: hostile })], hostile), {
      width: 60,
      color: false,
    });
    expect(text).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
    expect(Math.max(...text.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(60);
  });

  it("differs with colour in nothing but the colour", () => {
    const report = reportOf(CHECK_STATES.map((state) => check({ state, subject: state })));
    const coloured = renderCheckup(report, { width: 80, color: true });
    expect(coloured).toContain("\u001b[");
    expect(stripVTControlCharacters(coloured)).toBe(renderCheckup(report, { width: 80, color: false }));
  });

  it("of no cluster is no success", () => {
    const nothing = buildCheckup([]);
    expect(renderCheckup(nothing, { width: 80, color: false })).toBe("No cluster was checked.\n");
    expect(checkupExitCode(nothing)).toBe(1);
  });
});
