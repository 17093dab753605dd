import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selectorExpression } from "../../src/manifests/selector-expression.ts";
import { GuardError } from "../../src/model/errors.ts";
import { labelTest } from "../../src/simulate/label-selector.ts";
import { LABEL_SELECTORS, LABEL_SETS, NO_LABEL_SELECTORS } from "../support/label-selectors.ts";

type Labels = Readonly<Record<string, string>>;

/** What is generated of CEL is JavaScript, too, but for `in` of a list. A label that is missing is an error to read, as in CEL. */
function evaluate(expression: string, labels: Labels): unknown {
  const strict = new Proxy(Object.assign(Object.create(null), labels) as Labels, {
    get: (target, key) => {
      if (typeof key === "string" && key in target) return target[key];
      throw new Error(`no such key: ${String(key)}`);
    },
  });
  const translated = expression.replaceAll(/(labels\['[^']*'\]) in (\[[^\]]*\])/g, "$2.includes($1)");
  return runInNewContext(translated, { labels: strict });
}

describe("a label selector in the admission policy", () => {
  it.each([
    ["a=b", "'a' in labels && labels['a'] in ['b']"],
    ["x.y/a==b", "'x.y/a' in labels && labels['x.y/a'] in ['b']"],
    ["a!=b", "!('a' in labels && labels['a'] in ['b'])"],
    ["a in (b, c)", "'a' in labels && labels['a'] in ['b', 'c']"],
    ["a notin (b,)", "!('a' in labels && labels['a'] in ['b', ''])"],
    ["a", "'a' in labels"],
    ["!a", "!('a' in labels)"],
    ["a=b,!c", "'a' in labels && labels['a'] in ['b'] && !('c' in labels)"],
  ])("%s", (selector, expression) => {
    expect(selectorExpression(selector, "labels")).toBe(expression);
  });

  it.each(LABEL_SELECTORS)("%s means there what it means in the simulator", (selector) => {
    for (const labels of Object.values(LABEL_SETS))
      expect([labels, evaluate(selectorExpression(selector, "labels"), labels ?? {})]).toEqual([
        labels,
        labelTest(selector)?.(labels ?? {}),
      ]);
  });

  it("means there what it means in the simulator, whatever it is and whatever the labels are", () => {
    const key = fc.constantFrom("a", "b", "x.y/a", "toString");
    const value = fc.constantFrom("", "a", "b", "A.b_c-d");
    const values = fc.array(value, { minLength: 2, maxLength: 3 }).map((all) => `(${all.join(",")})`);
    const requirement = fc.oneof(
      fc.tuple(key, fc.constantFrom("=", "==", "!="), value),
      fc.tuple(key, fc.constantFrom(" in ", " notin "), values),
      fc.tuple(fc.constantFrom("", "!"), key),
    );
    const selectors = fc
      .array(requirement, { minLength: 1, maxLength: 3 })
      .map((all) => all.map((one) => one.join("")));
    fc.assert(
      fc.property(selectors, fc.dictionary(key, value), (parts, labels) => {
        const selector = parts.join(",");
        const matches = labelTest(selector);
        expect(matches).not.toBeNull();
        expect(evaluate(selectorExpression(selector, "labels"), labels)).toBe(matches?.(labels));
      }),
    );
  });

  it("has no text that could end a literal, whatever is given", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "/", "=", "!", " in ", "(", ")", ",", "'", "\\", "\n", '"'),
      maxLength: 9,
    });
    fc.assert(
      fc.property(text, (selector) => {
        try {
          expect(selectorExpression(selector, "labels")).toMatch(
            /^(?:&& |!?\(?'[\w./-]+' in labels(?: && labels\['[\w./-]+'\] in \['[\w.', -]*'\])?\)? ?)+$/,
          );
        } catch (error) {
          if (!(error instanceof GuardError)) throw error;
        }
      }),
    );
  });

  it.each([...NO_LABEL_SELECTORS, ""])("%j is refused", (selector) => {
    expect(() => selectorExpression(selector, "labels")).toThrow(/^".*" is no label selector such as /);
  });
});
