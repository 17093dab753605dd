import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GuardError } from "../model/errors.ts";
import { fromTree, type LoadedConfig } from "./from-tree.ts";

/** The content of guard.yml as JSON, as it lies beside the code of a function: YAML would cost a parser at every cold start. */
export const PACKAGED_CONFIG = "guard.json";

/**
 * The configuration that was packaged with a function. It was checked then, and is checked again: the same definition makes
 * values of it.
 *
 * @throws {GuardError} `BadConfig`
 */
export async function loadPackaged(folder: string): Promise<LoadedConfig> {
  let tree: unknown;
  try {
    tree = JSON.parse(await readFile(join(folder, PACKAGED_CONFIG), "utf8"));
  } catch {
    const why = `${PACKAGED_CONFIG} is not beside the function's code, or is not JSON`;
    throw new GuardError("BadConfig", `${why}: package the function again with npm run package.`);
  }
  return fromTree(tree, PACKAGED_CONFIG);
}
