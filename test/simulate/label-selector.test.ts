import { describe, expect, it } from "vitest";
import { labelTest } from "../../src/simulate/label-selector.ts";

describe("what a label selector matches in the simulator", () => {
  it.each([
    ["a=b", { a: "b" }, true],
    ["a=b", { a: "c" }, false],
    ["a=b", {}, false],
    ["a=", { a: "" }, true],
    ["a=", {}, false],
    ["a!=b", { a: "b" }, false],
    ["a!=b", { a: "c" }, true],
    ["a!=b", {}, true],
    ["a in (b,c)", { a: "c" }, true],
    ["a in (b,c)", { a: "d" }, false],
    ["a in (b,)", {}, false],
    ["a notin (b,c)", { a: "c" }, false],
    ["a notin (b,c)", { a: "d" }, true],
    ["a notin (b,c)", {}, true],
    ["a", { a: "" }, true],
    ["a", { b: "" }, false],
    ["!a", { a: "" }, false],
    ["!a", {}, true],
    ["toString", {}, false],
    ["a=b,c", { a: "b", c: "" }, true],
    ["a=b,c", { a: "b" }, false],
    ["", {}, true],
  ])("%j of %o: %s", (selector, labels, expected) => {
    expect(labelTest(selector)?.(labels)).toBe(expected);
  });

  it("is as of no labels where there are none", () => {
    expect([labelTest("a=b")?.(undefined), labelTest("!a")?.(undefined)]).toEqual([false, true]);
  });

  it("is nothing for what is no selector", () => {
    expect(labelTest("a,")).toBeNull();
  });
});
