import { describe, expect, it } from "vitest";
import * as rules from "../../src/config/rules.ts";
import { DAY, HOUR, SECOND } from "../../src/model/time.ts";

describe("combinations that can do nothing sensible", () => {
  it.each([
    [10 * DAY, 30 * DAY, true],
    [30 * DAY - SECOND, 30 * DAY, true],
    [30 * DAY, 30 * DAY, false],
    [31 * DAY, 30 * DAY, false],
  ])("urgent %d ms and due %d ms before the deadline: sensible %s", (urgentBefore, restartBefore, sensible) => {
    const finding = rules.becomesUrgentAfterDue({ urgentBefore, restartBefore });
    expect(finding === null).toBe(sensible);
    if (finding) expect(finding.path).toEqual(["urgentBefore"]);
  });

  it.each([
    [HOUR, 100 * SECOND, true],
    [2 * SECOND, 2 * SECOND, true],
    [2 * SECOND, 3 * SECOND, false],
  ])("a cooldown of %d ms and a proof of %d ms: sensible %s", (cooldown, proofPeriod, sensible) => {
    expect(rules.cooldownOutlastsProof({ cooldown, proofPeriod }) === null).toBe(sensible);
  });

  it.each([
    [60 * DAY, HOUR, true],
    [HOUR + SECOND, HOUR, true],
    [HOUR, HOUR, false],
  ])("a restart every %d ms and a cooldown of %d ms: sensible %s", (restartEvery, cooldown, sensible) => {
    expect(rules.intervalOutlastsCooldown({ restartEvery, cooldown }) === null).toBe(sensible);
  });

  it.each([
    [SECOND, true],
    [DAY - SECOND, true],
    [DAY, false],
  ])("a proof of %d ms: sensible %s", (proofPeriod, sensible) => {
    expect(rules.proofEndsInTime({ proofPeriod }) === null).toBe(sensible);
  });

  it.each([
    [HOUR + SECOND, true],
    [HOUR, false],
    [HOUR - SECOND, false],
  ])("a token that lives %d ms under a cooldown of one hour: sensible %s", (tokenLifetime, sensible) => {
    const clusters = [{}, { tokenLifetime }];
    const finding = rules.tokenOutlivesCooldown({ clusters, policy: { cooldown: HOUR } });
    expect(finding === null).toBe(sensible);
    if (finding) expect(finding.path).toEqual(["clusters", 1, "tokenLifetime"]);
  });

  it.each([
    ["1", "1", true],
    ["1", undefined, true],
    [undefined, undefined, true],
    ["1", "2", false],
    [undefined, "1", false],
  ])("roles of the accounts %s and %s: sensible %s", (account, readAccount, sensible) => {
    const arn = (id: string | undefined) => (id === undefined ? undefined : `arn:aws:iam::${id}:role/guard`);
    const clusters = [{}, { roleArn: arn(account), readRoleArn: arn(readAccount) }];
    const finding = rules.readsWhereItRestarts({ clusters });
    expect(finding === null).toBe(sensible);
    if (finding) expect(finding.path).toEqual(["clusters", 1, "readRoleArn"]);
  });

  it.each([
    ["01:00", "05:00", true],
    ["23:00", "01:00", true],
    ["01:00", "01:00", false],
  ])("a window from %s to %s: sensible %s", (from, to, sensible) => {
    expect(rules.windowOpens({ from, to }) === null).toBe(sensible);
  });

  it.each([
    ["2026-12-20", "2027-01-02", true],
    ["2026-12-20", "2026-12-20", true],
    ["2026-12-20", "2026-12-19", false],
  ])("a freeze from %s to %s: sensible %s", (from, to, sensible) => {
    expect(rules.freezeEndsAfterStart({ from, to }) === null).toBe(sensible);
  });

  it("names the second of two equal texts", () => {
    expect(rules.noneTwice(["a", "b", "c", "b", "a"])?.path).toEqual([3]);
    expect(rules.noneTwice(["a", "b", 1, 1, null, null])).toBeNull();
  });

  it("names the second of two clusters of one name, among entries of any shape", () => {
    expect(rules.clustersNamedOnce([null, 7, { name: "a" }, { discover: {} }, { name: "a" }])?.path).toEqual([
      4,
      "name",
    ]);
    expect(rules.clustersNamedOnce([{ discover: {} }, { discover: {} }, { name: "a" }, { name: "b" }])).toBeNull();
  });
});
