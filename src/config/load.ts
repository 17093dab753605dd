import { readFile } from "node:fs/promises";
import { GuardError } from "../model/errors.ts";
import { showPath } from "../report/without-credentials.ts";
import type { LoadedConfig } from "./from-tree.ts";
import { parseConfig } from "./parse.ts";

/** Read when no other file is named. */
const DEFAULT_FILE = "guard.yml";

/**
 * Reads the configuration.
 *
 * @param path the file that somebody named, which must exist; null: `guard.yml` of the working directory, or defaults without one
 * @throws {GuardError} `BadConfig`
 */
export async function loadConfig(path: string | null): Promise<LoadedConfig> {
  const { text, name } = await loadText(path);
  return parseConfig(text, name);
}

/** The text of the same file, unchecked, and what to call it. */
export async function loadText(path: string | null): Promise<{ readonly text: string; readonly name: string }> {
  const name = path === null ? DEFAULT_FILE : showPath(path);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path ?? DEFAULT_FILE);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    if (code === "ENOENT" && path === null) return { text: "", name };
    throw new GuardError("BadConfig", `${name} cannot be read: ${WHY[code] ?? code}.`);
  }
  return { text: decode(bytes, name), name };
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a directory",
};

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new GuardError("BadConfig", `${name} cannot be read: it is not UTF-8 text.`);
  }
}
