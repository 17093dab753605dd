import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ALARM_NAMES } from "../infra/alarms.ts";
import { parseConfig } from "../src/config/parse.ts";
import { ADVICE } from "../src/model/advice.ts";
import { BLOCKERS, REASONS } from "../src/model/decision.ts";
import { ERROR_CODES } from "../src/model/errors.ts";
import { OUTCOME_RESULTS } from "../src/model/last-restart.ts";

const runbook = readFileSync("docs/runbook.md", "utf8");
const howItDecides = readFileSync("docs/how-it-decides.md", "utf8");
const words = [
  ...REASONS,
  ...BLOCKERS,
  ...OUTCOME_RESULTS,
  ...ADVICE,
  ...ERROR_CODES,
  ...ALARM_NAMES.map((name) => `Alarm: ${name}`),
];

describe("the runbook", () => {
  it.each(words)("has a section for %s", (word) => {
    expect(runbook).toContain(`\n### ${word}\n`);
  });

  it("has no section for anything else", () => {
    const sections = [...runbook.matchAll(/^### (.+)$/gm)].map(([, title]) => title);
    expect(sections.toSorted()).toEqual(words.toSorted());
  });
});

describe("the page on how it decides", () => {
  it.each([...REASONS, ...BLOCKERS, ...ADVICE])("names %s", (word) => {
    expect(howItDecides).toContain(`\`${word}\``);
  });
});

describe("the example of guard.yml", () => {
  it("is accepted without a warning, and its policy is the default", () => {
    const { config, warnings } = parseConfig(readFileSync("docs/guard.example.yml", "utf8"), "guard.example.yml");
    const { policy } = parseConfig("", "guard.yml").config;
    expect(warnings).toEqual([]);
    expect(config.policy).toEqual({ ...policy, windows: config.policy.windows, freeze: config.policy.freeze });
  });
});
