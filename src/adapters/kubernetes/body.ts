import type { IncomingMessage } from "node:http";
import { SECOND } from "../../model/time.ts";
import { failedConnection } from "./failed-connection.ts";
import type { Limits } from "./limits.ts";
import { invalidAnswer, RequestFailed } from "./request-failed.ts";

/** Ends an answer that is no API server's, such as a page to sign in to a network, and throws RequestFailed. */
export function requireJson(response: IncomingMessage, label: string): void {
  if (/^application\/json\b/.test(response.headers["content-type"] ?? "")) return;
  response.destroy();
  throw invalidAnswer(label, "its content is not JSON");
}

/** The whole body of an answer, within the limits on time and size; otherwise the connection is ended and RequestFailed thrown. */
export function readBody(
  response: IncomingMessage,
  label: string,
  { answerTimeout, maxBodyBytes }: Pick<Limits, "answerTimeout" | "maxBodyBytes">,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const give = (failure: RequestFailed) => {
      clearTimeout(timer);
      reject(failure);
      response.destroy();
    };
    const timer = setTimeout(
      () =>
        give(
          new RequestFailed(
            "Timeout",
            `${label} began to answer but did not end within ${answerTimeout / SECOND} s; try again later.`,
          ),
        ),
      answerTimeout,
    );
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) {
        give(
          new RequestFailed(
            "TooLarge",
            `The answer is larger than ${maxBodyBytes} bytes; name the namespaces to look into.`,
          ),
        );
      } else {
        chunks.push(chunk);
      }
    });
    response.once("end", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks, bytes));
    });
    response.once("error", (error) => give(failedConnection(error, label)));
  });
}
