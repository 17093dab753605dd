import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { withLock } from "../../control-plane/build/lock.ts";

const run = promisify(execFile);

/** Pins moto and all it needs: a newer cfn-lint among these finds faults in templates that were good the day before. */
const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/**
 * A Python of its own with moto in it, made where it is missing: about a minute and 320 MB, and afterwards milliseconds.
 *
 * @returns the folder of its programs
 * @throws when Python is missing or packages cannot be had; a suite asks `python()` first
 */
export async function installMoto(): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, "utf8");
  const version = /^moto==(.+)$/m.exec(requirements)?.[1];
  const root = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "apisix-token-guard");
  const folder = join(root, `moto-${version}`);
  const programs = join(folder, "bin");
  const installed = join(folder, "installed.txt");
  await mkdir(root, { recursive: true });
  await withLock(
    `${folder}.lock`,
    (owner) => say(`waiting for process ${owner}, which installs it`),
    async () => {
      if ((await readFile(installed, "utf8").catch(() => "")) === requirements) return;
      say(`installing ${version} into ${folder} …`);
      await rm(folder, { recursive: true, force: true });
      await run("python3", ["-m", "venv", folder]);
      await run(join(programs, "pip"), ["install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]);
      await writeFile(installed, requirements);
    },
  );
  return programs;
}

export function say(text: string): void {
  process.stderr.write(`moto: ${text}\n`);
}
