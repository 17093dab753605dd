import { describe, expect, it } from "vitest";
import { parseLabelSelector } from "../../src/model/label-selector.ts";
import { LABEL_SELECTORS, NO_LABEL_SELECTORS } from "../support/label-selectors.ts";

describe("a label selector", () => {
  it.each([
    ["", []],
    ["a=b", [{ operator: "in", key: "a", values: ["b"] }]],
    ["a == b", [{ operator: "in", key: "a", values: ["b"] }]],
    ["a!=b", [{ operator: "notin", key: "a", values: ["b"] }]],
    ["a=", [{ operator: "in", key: "a", values: [""] }]],
    ["a in (b, c)", [{ operator: "in", key: "a", values: ["b", "c"] }]],
    ["a notin (b,)", [{ operator: "notin", key: "a", values: ["b", ""] }]],
    ["a in ()", [{ operator: "in", key: "a", values: [""] }]],
    ["x.y/a", [{ operator: "exists", key: "x.y/a" }]],
    ["! a", [{ operator: "absent", key: "a" }]],
    [
      " a in (b,c) , !d,e=f ",
      [
        { operator: "in", key: "a", values: ["b", "c"] },
        { operator: "absent", key: "d" },
        { operator: "in", key: "e", values: ["f"] },
      ],
    ],
  ])("%j is understood", (text, requirements) => {
    expect(parseLabelSelector(text)).toEqual(requirements);
  });

  // That the API accepts and refuses the same is in test/cluster/manifests-selector.test.ts.
  it.each(LABEL_SELECTORS)("%j is one", (text) => {
    expect(parseLabelSelector(text)).not.toBeNull();
  });

  it.each([...NO_LABEL_SELECTORS, "a>1", "a='b'", "ä=b", "a=b\u0000"])("%j is none", (text) => {
    expect(parseLabelSelector(text)).toBeNull();
  });
});
