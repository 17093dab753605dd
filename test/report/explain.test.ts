import { describe, expect, it } from "vitest";
import { GuardError } from "../../src/model/errors.ts";
import { explain } from "../../src/report/explain.ts";

const SECRET = "k8s-aws-v1.canary";

describe("the last words of the program", () => {
  it("are our own errors as they are, on harmless lines", () => {
    expect(explain(new GuardError("BadConfig", "two\n  mistakes \u001b[31m"))).toBe(
      "BadConfig: two\n  mistakes \\u{1b}[31m",
    );
  });

  it("name the kind, the code and the place of any other error, never its message", () => {
    const error = Object.assign(new TypeError(`https://x/?${SECRET}\n    at ${SECRET} (x)`), {
      code: "ERR_ODD",
      body: SECRET,
    });
    expect(explain(error)).toMatch(/^Internal: unexpected TypeError \(ERR_ODD\)( in [\w.]+)?\. This is a mistake/);
    expect(explain(error)).not.toContain("canary");
  });

  it("name the innermost function that has a name", () => {
    function readPods() {
      throw new RangeError(SECRET);
    }
    expect(() => readPods()).toThrow();
    try {
      readPods();
    } catch (error) {
      expect(explain(error)).toContain("unexpected RangeError in readPods.");
    }
  });

  it.each([
    [Object.assign(new Error(SECRET), { name: SECRET, code: `${SECRET} x` })],
    [Object.assign(new Error(SECRET), { name: "canary0f1e2d3c", code: "AKIAIOSFODNN7EXAMPLE" })],
    [Object.assign(new Error("x"), { stack: `Error: y\n    at ${SECRET} (z)` })],
    [Object.assign(new Error("x"), { stack: undefined })],
    [SECRET],
    [null],
    [{ message: SECRET }],
  ])("stay clean whatever was thrown", (thrown) => {
    expect(explain(thrown)).toMatch(/^Internal: unexpected (error|Error|string|object)/);
    expect(explain(thrown)).not.toMatch(/canary|AKIA/);
  });
});
