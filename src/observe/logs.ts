import { createInformerScanner } from "../evidence/informer-lines.ts";
import { LOG_WINDOW, MAX_LOG_BYTES, MAX_LOG_TIME, needsFileStart } from "../evidence/log-coverage.ts";
import type { LogEvidence } from "../model/log.ts";
import { type Read, read } from "../model/read.ts";
import { type Instant, SECOND } from "../model/time.ts";
import type { PodLogs } from "../ports.ts";

/** Enough for the API's timestamp of the first line and some of its text. */
const FIRST_LINE_BYTES = 256;

interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly startedAt: Instant;
}

/**
 * Reads the recent log of a container for refusals, and, where that answer alone does not show how far back it reaches, the first
 * line of the file. The kubelet serves the current file only, so a rotated log is cut without a word.
 */
export async function readLog(logs: PodLogs, { startedAt, ...source }: LogSource): Promise<Read<LogEvidence>> {
  const recent = createInformerScanner();
  const answer = await logs.read(
    {
      ...source,
      sinceSeconds: LOG_WINDOW / SECOND,
      limitBytes: null,
      maxBytes: MAX_LOG_BYTES,
      maxTime: MAX_LOG_TIME,
    },
    (chunk) => recent.push(chunk),
  );
  if (!answer.ok) return answer;
  const evidence: LogEvidence = {
    ...recent.finish(),
    readAt: answer.value.at,
    window: LOG_WINDOW,
    fileFirstLineAt: null,
    capped: answer.value.capped,
    bytes: answer.value.bytes,
  };
  if (!needsFileStart(evidence, startedAt)) return read(evidence);
  const start = createInformerScanner();
  const first = await logs.read(
    { ...source, sinceSeconds: null, limitBytes: FIRST_LINE_BYTES, maxBytes: FIRST_LINE_BYTES, maxTime: MAX_LOG_TIME },
    (chunk) => start.push(chunk),
  );
  if (!first.ok) return first;
  return read({ ...evidence, fileFirstLineAt: start.finish().firstLineAt });
}
