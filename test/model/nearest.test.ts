import { describe, expect, it } from "vitest";
import { nearest } from "../../src/model/nearest.ts";

const KEYS = ["restartEvery", "restartBefore", "urgentBefore", "cooldown", "windows", "freeze"];

describe("the nearest name", () => {
  it.each([
    ["restartEvry", "restartEvery"],
    ["RESTARTBEFORE", "restartBefore"],
    ["coldown", "cooldown"],
    ["windwos", "windows"],
    ["window", "windows"],
    ["freezes", "freeze"],
    ["freez", "freeze"],
  ])("to %s is %s", (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant);
  });

  it.each(["", "x", "wi", "timeout", "restart", "a".repeat(100_000)])("to %.20s is none", (word) => {
    expect(nearest(word, ["cooldown", "windows", "freeze"])).toBeNull();
  });

  it("to a longer form of a short word is that word", () => {
    expect(nearest("Sunday", ["mon", "sat", "sun"])).toBe("sun");
  });

  it("is the first of equally near ones", () => {
    expect(nearest("abcx", ["abcd", "abce"])).toBe("abcd");
  });
});
