/** The one part of the package that is used; it comes without types. */
declare module "ws" {
  import { Writable } from "node:stream";

  /** Takes the bytes of a connection and gives its messages (RFC 6455). */
  export class Receiver extends Writable {
    /** @param options.maxPayload the longest message in bytes */
    constructor(options: { readonly maxPayload: number });
    on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): this;
    /** The other side has closed the conversation. */
    on(event: "conclude", listener: (code: number, reason: Buffer) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
  }
}
