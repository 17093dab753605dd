import { GuardError } from "../model/errors.ts";
import { pathText, problemsOf } from "./problems.ts";
import { type GuardConfig, guardSchema } from "./schema.ts";
import { warningsFor } from "./warnings.ts";

export interface LoadedConfig {
  readonly config: GuardConfig;
  /** What is legal and probably not meant, one sentence each. */
  readonly warnings: readonly string[];
}

/** A mistake, and where it stands; null: in no line. */
export interface Fault {
  readonly line: number | null;
  readonly message: string;
}

/**
 * Checks a configuration that was read, from whatever text. Nothing is taken over silently: an unknown key is a mistake like a
 * wrong value.
 *
 * @param name what to call the file in an error
 * @throws {GuardError} `BadConfig` that lists every mistake with its line, path, value and what is allowed
 */
export function fromTree(
  tree: unknown,
  name: string,
  lineOf: (path: readonly PropertyKey[]) => number | null = () => null,
): LoadedConfig {
  const result = guardSchema.safeParse(tree, { reportInput: true });
  if (!result.success) {
    const faults = problemsOf(result.error.issues, tree).map(({ path, message }) => ({
      line: lineOf(path),
      message: path.length === 0 ? message : `${pathText(path)}: ${message}`,
    }));
    throw badConfig(name, faults);
  }
  const config = freeze(result.data);
  return { config, warnings: warningsFor(config) };
}

export function badConfig(name: string, faults: readonly Fault[]): GuardError {
  const count = faults.length === 1 ? "a mistake" : `${faults.length} mistakes`;
  const inOrder = faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const lines = inOrder.map(({ line, message }) => `\n  ${line === null ? "" : `line ${line}, `}${message}`);
  return new GuardError("BadConfig", `${name} has ${count}:${lines.join("")}`, { fields: { mistakes: faults.length } });
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
