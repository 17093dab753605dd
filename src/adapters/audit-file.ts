import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { createAuditScanner } from "../evidence/audit-scanner.ts";
import type { AuditEvidence } from "../model/audit.ts";
import { GuardError } from "../model/errors.ts";
import { type Read, read } from "../model/read.ts";
import { MINUTE, type Millis } from "../model/time.ts";
import type { AuditLog } from "../ports.ts";
import { showPath } from "../report/without-credentials.ts";
import { chunksOf } from "./audit-file/chunks.ts";
import { rotatedSiblings } from "./audit-file/rotated.ts";
import { errorCode } from "./kubeconfig/files.ts";

/** All files together: hundreds of gigabytes from a local disk. */
const MAX_TIME: Millis = 10 * MINUTE;

/** An audit log shows itself as one in its first lines, the longest of which can be some megabytes. */
const HEAD_BYTES = 8 * 1024 * 1024;

/**
 * Audit logs that an API server wrote to files, with the rotated files beside each. They are read whole, whatever time is asked
 * for: one log may hold the pods of all clusters of a run.
 *
 * @throws {GuardError} `BadUsage` when a file cannot be read, or holds no audit event
 */
export async function auditFiles(paths: readonly string[], maxTime: Millis = MAX_TIME): Promise<AuditLog> {
  for (const path of paths) await mustHoldEvents(path);
  let answer: Promise<Read<AuditEvidence>> | undefined;
  return {
    read: () => {
      answer ??= readFiles(paths, maxTime);
      return answer;
    },
  };
}

async function mustHoldEvents(path: string): Promise<void> {
  const scanner = createAuditScanner();
  let bytes = 0;
  try {
    // To open anything else may wait for ever.
    if (!(await stat(path)).isFile())
      throw unusable(path, "it is not a regular file; give the file, such as audit.log");
    for await (const chunk of chunksOf(path)) {
      scanner.push(chunk);
      bytes += chunk.length;
      if (bytes >= HEAD_BYTES || scanner.hasEvents()) break;
    }
  } catch (error) {
    if (error instanceof GuardError) throw error;
    const code = errorCode(error);
    throw unusable(path, WHY[code] ?? code);
  }
  if (scanner.finish().oldestAt === null) {
    throw unusable(
      path,
      bytes === 0
        ? "it is empty"
        : "no line of it is an event of the Kubernetes audit log (audit.k8s.io, one JSON object a line)",
    );
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a directory",
  Z_BUF_ERROR: "it is not a whole gzip file",
  Z_DATA_ERROR: "it is not a sound gzip file",
};

const unusable = (path: string, why: string): GuardError =>
  new GuardError("BadUsage", `The audit log ${showPath(path)} cannot be used: ${why}.`);

/** The newest first, so that what time does not suffice for is the oldest. */
async function readFiles(paths: readonly string[], maxTime: Millis): Promise<Read<AuditEvidence>> {
  const scanner = createAuditScanner();
  const gaps: string[] = [];
  const stopAt = performance.now() + maxTime;
  const files = new Set<string>();
  for (const path of paths) {
    files.add(resolve(path));
    try {
      for (const sibling of await rotatedSiblings(path)) files.add(resolve(sibling));
    } catch (error) {
      gaps.push(`the files rotated from ${showPath(path)} cannot be listed (${errorCode(error)}).`);
    }
  }
  for (const file of files) {
    if (performance.now() > stopAt) gaps.push(`${showPath(file)}: there was no time left for it.`);
    else gaps.push(...(await readFile(file, scanner.push, stopAt)));
    scanner.endFile();
  }
  return read({ ...scanner.finish(), gaps });
}

async function readFile(path: string, push: (chunk: Uint8Array) => void, stopAt: number): Promise<readonly string[]> {
  try {
    for await (const chunk of chunksOf(path)) {
      push(chunk);
      if (performance.now() > stopAt)
        return [`${showPath(path)}: it was not read to its end, because the time was over.`];
    }
    return [];
  } catch (error) {
    const code = errorCode(error);
    return [`${showPath(path)}: ${WHY[code] ?? code}.`];
  }
}
