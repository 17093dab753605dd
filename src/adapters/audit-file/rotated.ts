import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

/** What kube-apiserver puts between the name and its ending when it begins a new file (lumberjack, backupTimeFormat). */
const ROTATED_AT = /^-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}$/;

/** The files that a log was renamed to whenever it was full, newest first; some are compressed. Rejects as readdir does. */
export async function rotatedSiblings(path: string): Promise<readonly string[]> {
  const ending = extname(path);
  const stem = basename(path, ending);
  const isRotated = (name: string): boolean => {
    const whole = name.endsWith(`${ending}.gz`) ? name.slice(0, -".gz".length) : name;
    return (
      whole.startsWith(stem) &&
      whole.endsWith(ending) &&
      ROTATED_AT.test(whole.slice(stem.length, whole.length - ending.length))
    );
  };
  const names = (await readdir(dirname(path))).filter(isRotated);
  return names
    .sort()
    .reverse()
    .map((name) => join(dirname(path), name));
}
