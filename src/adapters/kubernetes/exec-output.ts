import { Receiver } from "ws";
import { SECOND } from "../../model/time.ts";
import type { ExecRequest } from "../../ports.ts";
import { errorCode, failedConnection } from "./failed-connection.ts";
import { invalidAnswer, RequestFailed } from "./request-failed.ts";
import type { Upgraded } from "./transport.ts";

/** The first byte of every message (k8s.io/apimachinery remotecommand constants). */
const STDOUT = 1;
const STATUS = 3;

/** A status is some hundred bytes, and no message of a command within its limit is longer than this and the limit. */
const STATUS_BYTES = 4_096;

/** A close frame as a client sends it: masked, here with zeros, and empty (RFC 6455, section 5.5.1). */
const CLOSE = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);

/**
 * What a command writes to its standard output until its end is told. Rejects with RequestFailed. Ends the connection.
 *
 * @param until when to give up, on the clock of `performance`
 */
export function readOutput(
  { connection, first }: Upgraded,
  { maxBytes, maxTime }: Pick<ExecRequest, "maxBytes" | "maxTime">,
  until: number,
  label: string,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const receiver = new Receiver({ maxPayload: maxBytes + STATUS_BYTES });
    const fail = (failure: RequestFailed) => {
      clearTimeout(timer);
      reject(failure);
      connection.destroy();
    };
    const tooLarge = () => fail(new RequestFailed("TooLarge", `The command wrote more than ${maxBytes} bytes.`));
    const timer = setTimeout(
      () => fail(new RequestFailed("Timeout", `The command did not end within ${maxTime / SECOND} s.`)),
      Math.max(0, until - performance.now()),
    );
    receiver.on("message", (message) => {
      const content = message.subarray(1);
      if (message[0] === STDOUT) {
        bytes += content.length;
        if (bytes > maxBytes) tooLarge();
        else chunks.push(content);
      } else if (message[0] === STATUS) {
        const failure = failureOf(content, label);
        if (failure !== null) return fail(failure);
        clearTimeout(timer);
        resolve(Buffer.concat(chunks, bytes));
        connection.end(CLOSE, () => connection.destroy());
      }
    });
    const ended = () => fail(invalidAnswer(label, "how the command ended is not told"));
    receiver.on("conclude", ended);
    receiver.on("error", (error) => {
      if (errorCode(error) === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") tooLarge();
      else fail(invalidAnswer(label, "not what WebSocket allows"));
    });
    connection.on("error", (error) => fail(failedConnection(error, label)));
    connection.once("close", ended);
    if (first.length > 0) connection.unshift(first);
    connection.on("data", (chunk: Buffer) => receiver.write(chunk));
  });
}

/** The Status object with which a command ends. Its message comes from the node and may quote anything, so it is not repeated. */
function failureOf(content: Buffer, label: string): RequestFailed | null {
  let status: unknown;
  try {
    const object: unknown = JSON.parse(content.toString("utf8"));
    if (typeof object === "object" && object !== null && "status" in object) status = object.status;
  } catch {
    // Not JSON: no status.
  }
  if (status === "Success") return null;
  if (status === "Failure") return new RequestFailed("Refused", "The command failed.");
  return invalidAnswer(label, "how the command ended is not told");
}
