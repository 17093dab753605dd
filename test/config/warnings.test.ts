import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse.ts";

const warningsOf = (yaml: string) => parseConfig(yaml, "guard.yml").warnings;
const window = (days: string, from = "01:00", to = "05:00") =>
  `{ days: [${days}], from: "${from}", to: "${to}", timeZone: UTC }`;

describe("what is legal and probably not meant", () => {
  it.each([
    ["policy: { proofPeriod: 79s }", "policy.proofPeriod"],
    ["policy: { restartEvery: 23h }", "policy.restartEvery"],
    [`policy: { windows: [${window("mon", "01:00", "01:59")}] }`, "policy.windows[0]"],
    [`policy: { windows: [${window("mon", "23:45", "00:15")}] }`, "policy.windows[0]"],
    [`policy: { restartBefore: 16d, windows: [${window("mon")}] }`, "policy.windows"],
    [`policy: { restartBefore: 12d, windows: [${window("mon, thu")}] }`, "policy.windows"],
    ["policy: { freeze: [{ from: 2026-12-01, to: 2026-12-21 }] }", "policy.freeze[0]"],
    ["clusters: [{ name: a, tokenLifetime: 30d }]", "clusters[0].tokenLifetime"],
  ])("%s is warned of at %s", (yaml, place) => {
    expect(warningsOf(yaml)).toEqual([expect.stringContaining(`${place}: `)]);
  });

  it.each([
    "",
    "evidence: { probe: true }",
    "policy: { proofPeriod: 80s }",
    "policy: { restartEvery: 1d }",
    `policy: { windows: [${window("sat, sun")}] }`,
    `policy: { windows: [${window("mon", "01:00", "02:00")}] }`,
    `policy: { windows: [${window("mon", "23:30", "00:30")}] }`,
    `policy: { restartBefore: 17d, windows: [${window("mon")}] }`,
    `policy: { restartBefore: 14d, windows: [${window("mon, thu")}] }`,
    `policy: { restartBefore: 11d, windows: [${window("mon, tue, wed, thu, fri, sat, sun")}] }`,
    "policy: { freeze: [{ from: 2026-12-01, to: 2026-12-20 }] }",
    "clusters: [{ name: a, tokenLifetime: 31d }, { name: b }]",
  ])("%s is not", (yaml) => {
    expect(warningsOf(yaml)).toEqual([]);
  });

  it("says at which age tokens are restarted when they live shorter than the lead time", () => {
    expect(warningsOf("clusters: [{ name: a, tokenLifetime: 24h }]").join()).toContain("16h old");
  });
});
