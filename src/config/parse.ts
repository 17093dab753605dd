import { badConfig, fromTree, type LoadedConfig } from "./from-tree.ts";
import { readYaml } from "./yaml.ts";

/**
 * Reads the text of a guard.yml.
 *
 * @param name what to call the file in an error
 * @throws {GuardError} `BadConfig` that lists every mistake with its line, path, value and what is allowed
 */
export function parseConfig(text: string, name: string): LoadedConfig {
  const yaml = readYaml(text);
  if (!yaml.ok) throw badConfig(name, yaml.faults);
  return fromTree(yaml.tree ?? {}, name, yaml.lineOf);
}
