import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The head with which a server agrees to speak WebSocket. */
export function accepted({ headers }: IncomingMessage, protocol: string, accept?: string): string {
  const answer = createHash("sha1").update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept ?? answer.digest("base64")}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    "\r\n",
  ].join("\r\n");
}

export const CONTINUATION = 0x0;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;

/** One frame as a server sends it: without a mask. */
export function frame(opcode: number, payload: Buffer | string, { last = true } = {}): Buffer {
  const content = Buffer.from(payload);
  const head = Buffer.alloc(10);
  head[0] = (last ? 0x80 : 0) | opcode;
  if (content.length < 126) {
    head[1] = content.length;
    return Buffer.concat([head.subarray(0, 2), content]);
  }
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(content.length), 2);
  return Buffer.concat([head, content]);
}

/** A message of one of the streams of a command: 1 is its output, 2 its errors, 3 how it ended. */
export const message = (channel: number, text: string): Buffer =>
  frame(BINARY, Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
