import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** How often a waiting process looks whether the lock is free, in milliseconds. */
const POLL_MS = 500;

/**
 * Runs `work` while holding the lock file at `path`.
 *
 * The file holds the process id of its owner; a lock whose owner is gone is taken over. Two processes that
 * take over at the same moment may both go on: that costs time, never correctness, because every
 * result is renamed into place.
 */
export async function withLock<T>(path: string, onWait: (owner: number) => void, work: () => Promise<T>): Promise<T> {
  let announced = false;
  while (!(await tryLock(path))) {
    const owner = await ownerOf(path);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      await rename(path, `${path}.${process.pid}.stale`).catch(() => undefined);
      await rm(`${path}.${process.pid}.stale`, { force: true });
      continue;
    }
    if (!announced) onWait(owner);
    announced = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined when the file has just gone, or has not been filled yet. */
async function ownerOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (text !== "") return Number(text);
  await sleep(POLL_MS / 10);
  return undefined;
}

/** Signal 0 checks for existence only. EPERM means: there, but somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
