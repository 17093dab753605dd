import type { IncomingMessage } from "node:http";
import { toReadLog } from "../../model/asked.ts";
import type { LogAnswer, LogRequest, PodLogs } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { failedConnection } from "./failed-connection.ts";
import { invalidAnswer } from "./request-failed.ts";
import { retryRead } from "./retry.ts";
import type { ServerAddress } from "./server-address.ts";
import { parseHttpDate } from "./server-date.ts";
import type { Transport } from "./transport.ts";

/** Logs straight from the transport: the client library would hold a whole log in memory as one string. */
export function kubernetesPodLogs({ basePath, label }: ServerAddress, transport: Transport): PodLogs {
  return {
    read: (request, onChunk) =>
      attempt(toReadLog(request.namespace, request.pod, request.container), label, async () => {
        const response = await retryRead(() => transport.open({ method: "GET", path: basePath + logPath(request) }));
        const at = parseHttpDate(response.headers.date);
        const isText = /^text\/plain\b/.test(response.headers["content-type"] ?? "");
        if (at === null || !isText) {
          response.destroy();
          throw invalidAnswer(label, at === null ? "no valid Date header" : "a log that is not plain text");
        }
        return { at, ...(await pump(response, request, onChunk, label)) };
      }),
  };
}

function logPath({ namespace, pod, container, sinceSeconds, limitBytes }: LogRequest): string {
  const query = new URLSearchParams({ container, timestamps: "true" });
  if (sinceSeconds !== null) query.set("sinceSeconds", String(sinceSeconds));
  if (limitBytes !== null) query.set("limitBytes", String(limitBytes));
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query}`;
}

/** Hands on the body until it ends or a limit is reached; then the connection is ended, since the rest would still be sent. */
function pump(
  response: IncomingMessage,
  { maxBytes, maxTime }: LogRequest,
  onChunk: (chunk: Uint8Array) => void,
  label: string,
): Promise<Omit<LogAnswer, "at">> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const end = (capped: boolean) => {
      clearTimeout(timer);
      response.removeAllListeners("data");
      resolve({ bytes, capped });
      if (capped) response.destroy();
    };
    const fail = (error: unknown) => {
      clearTimeout(timer);
      reject(error);
      response.destroy();
    };
    const timer = setTimeout(() => end(true), maxTime);
    response.on("data", (chunk: Buffer) => {
      const room = maxBytes - bytes;
      const taken = chunk.length > room ? chunk.subarray(0, room) : chunk;
      bytes += taken.length;
      try {
        if (taken.length > 0) onChunk(taken);
        if (taken.length < chunk.length) end(true);
      } catch (error) {
        fail(error);
      }
    });
    response.once("end", () => end(false));
    response.once("error", (error) => fail(failedConnection(error, label)));
  });
}
