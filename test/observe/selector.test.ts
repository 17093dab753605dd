import { describe, expect, it } from "vitest";
import { selectorText } from "../../src/observe/selector.ts";

describe("selectorText", () => {
  it.each([
    ["labels", { matchLabels: { a: "1", "b/c": "2" } }, "a=1,b/c=2"],
    ["In", { matchExpressions: [{ key: "a", operator: "In", values: ["1", "2"] }] }, "a in (1,2)"],
    ["NotIn", { matchExpressions: [{ key: "a", operator: "NotIn", values: ["1"] }] }, "a notin (1)"],
    ["Exists", { matchExpressions: [{ key: "a", operator: "Exists" }] }, "a"],
    ["DoesNotExist", { matchExpressions: [{ key: "a", operator: "DoesNotExist" }] }, "!a"],
    ["both", { matchLabels: { a: "1" }, matchExpressions: [{ key: "b", operator: "Exists" }] }, "a=1,b"],
    ["an operator of the future", { matchLabels: { a: "1" }, matchExpressions: [{ key: "b", operator: "Gt" }] }, null],
    ["an expression without a key", { matchExpressions: [{ operator: "Exists" }] }, null],
    ["nothing, which would select every pod", {}, null],
    ["a missing selector", undefined, null],
  ])("%s", (_case, selector, text) => {
    expect(selectorText(selector)).toBe(text);
  });
});
