import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { zip } from "./zip.ts";

/** Where the code lies in a package. */
const FOLDER = "dist/functions";

export type FunctionName = "sweep" | "remediate" | "refresh";

export const handlerOf = (name: FunctionName): string => `${FOLDER}/${name}.handler`;

/** The bundles of the functions. */
export interface BuiltFunctions {
  /** One function as it is deployed, with this guard.yml; resolves to the path of the package. */
  pack(name: FunctionName, guard: object): Promise<string>;
  remove(): Promise<void>;
}

/** Builds with the project's own build program, but not into dist/, which somebody may be using. */
export async function buildFunctions(): Promise<BuiltFunctions> {
  const folder = await mkdtemp(join(tmpdir(), "functions-"));
  const [built, config] = [join(folder, "built"), join(folder, "guard.yml")];
  await writeFile(config, "");
  const env = { ...process.env, GUARD_CONFIG: config };
  await promisify(execFile)(process.execPath, ["tools/build-functions.ts", built], { env });
  let packages = 0;
  return {
    pack: (name, guard) =>
      zip(join(folder, `${name}-${++packages}.zip`), {
        [`${FOLDER}/${name}.cjs`]: { path: join(built, `${name}.cjs`) },
        [`${FOLDER}/guard.json`]: JSON.stringify(guard),
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
