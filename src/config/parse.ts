import { GuardError } from "../model/errors.ts";
import { type Problem, pathText, problemsOf } from "./problems.ts";
import { type GuardConfig, guardSchema } from "./schema.ts";
import { warningsFor } from "./warnings.ts";
import { readYaml } from "./yaml.ts";

export interface LoadedConfig {
  readonly config: GuardConfig;
  /** What is legal and probably not meant, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the text of a guard.yml. Nothing is taken over silently: an unknown key is a mistake like a wrong value.
 *
 * @param name what to call the file in an error
 * @throws {GuardError} `BadConfig` that lists every mistake with its line, path, value and what is allowed
 */
export function parseConfig(text: string, name: string): LoadedConfig {
  const yaml = readYaml(text);
  if (!yaml.ok) throw badConfig(name, yaml.faults);
  const tree = yaml.tree ?? {};
  const result = guardSchema.safeParse(tree, { reportInput: true });
  if (!result.success) {
    const problems = problemsOf(result.error.issues, tree);
    throw badConfig(
      name,
      problems.map((problem) => ({ line: yaml.lineOf(problem.path), message: sentence(problem) })),
    );
  }
  const config = freeze(result.data);
  return { config, warnings: warningsFor(config) };
}

const sentence = ({ path, message }: Problem): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

function badConfig(name: string, faults: readonly { line: number | null; message: string }[]): GuardError {
  const count = faults.length === 1 ? "a mistake" : `${faults.length} mistakes`;
  const inOrder = faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const lines = inOrder.map(({ line, message }) => `\n  ${line === null ? "" : `line ${line}, `}${message}`);
  return new GuardError("BadConfig", `${name} has ${count}:${lines.join("")}`, { fields: { mistakes: faults.length } });
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
